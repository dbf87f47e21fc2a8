import { contains, type Network, parseNetwork } from "../../host/neverban/Network.ts"
import { parseIgnoreipEntry } from "./IgnoreipEntry.ts"

/** A jail's `ignoreip`: addresses and networks. Names, and entries that fail2ban cannot read, cover no address. */
export class IgnoreList {
  private readonly networks: ReadonlyArray<Network>

  constructor(entries: ReadonlyArray<string>) {
    this.networks = entries
      .map(parseIgnoreipEntry)
      .flatMap((entry) => (entry._tag === "Network" ? [entry.network] : []))
  }

  /** Whether one of the entries covers a network as a whole. */
  covers(network: Network): boolean {
    return this.networks.some((outer) => contains(outer, network))
  }

  /** Whether one of the entries covers an address. */
  has(address: string): boolean {
    const network = this.networks.length === 0 ? undefined : parseNetwork(address)
    return network !== undefined && this.covers(network)
  }
}
