import { contains, type Network, parseNetwork } from "../../host/neverban/Network.ts"

/** A jail's `ignoreip`: addresses and networks. Entries that are neither match nothing, as in fail2ban. */
export class IgnoreList {
  private readonly networks: ReadonlyArray<Network>

  constructor(entries: ReadonlyArray<string>) {
    this.networks = entries.flatMap((entry) => parseNetwork(entry) ?? [])
  }

  has(address: string): boolean {
    const network = this.networks.length === 0 ? undefined : parseNetwork(address)
    return network !== undefined && this.networks.some((outer) => contains(outer, network))
  }
}
