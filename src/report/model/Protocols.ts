const numbers = 65_537

/** So many protocols are told apart; IP has no more than 256. */
const mostProtocols = 40

/** A port of a protocol as one number, so that sets and tables of them stay small. */
export class Protocols {
  private readonly names: Array<string> = []

  /** The number of a protocol's port; -1 stands for none, as ICMP has none. */
  keyOf(protocol: string, port: number): number {
    const known = this.names.indexOf(protocol)
    if (known >= 0) return known * numbers + port + 1
    if (this.names.length > mostProtocols) return mostProtocols * numbers
    this.names.push(this.names.length === mostProtocols ? "(other protocols)" : protocol.slice(0))
    return this.names.length === mostProtocols + 1
      ? mostProtocols * numbers
      : (this.names.length - 1) * numbers + port + 1
  }

  /** `tcp/22`, or the protocol alone. */
  nameOf(key: number): string {
    const port = (key % numbers) - 1
    const protocol = this.names[Math.floor(key / numbers)] ?? ""
    return port < 0 ? protocol : `${protocol}/${port}`
  }
}
