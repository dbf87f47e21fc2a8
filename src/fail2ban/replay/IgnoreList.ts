import ipaddr from "ipaddr.js"

/** Networks of a jail's `ignoreip`: addresses alone or with a prefix length, IPv4 and IPv6. */
export class IgnoreList {
  private readonly networks: ReadonlyArray<readonly [ipaddr.IPv4 | ipaddr.IPv6, number]>

  /** Entries that are no address are left out: fail2ban does not match them either. */
  constructor(entries: ReadonlyArray<string>) {
    this.networks = entries.flatMap((entry) => {
      const [address = "", length] = entry.split("/")
      if (!ipaddr.isValid(address)) return []
      const parsed = ipaddr.parse(address)
      const full = parsed.kind() === "ipv4" ? 32 : 128
      return [[parsed, length === undefined ? full : Number(length)] as const]
    })
  }

  has(address: string): boolean {
    if (this.networks.length === 0 || !ipaddr.isValid(address)) return false
    const parsed = ipaddr.parse(address)
    return this.networks.some(
      ([network, length]) =>
        parsed.kind() === network.kind() &&
        // The library asks for the same kind on both sides, which the line above has seen to.
        (parsed as ipaddr.IPv4).match(network as ipaddr.IPv4, length)
    )
  }
}
