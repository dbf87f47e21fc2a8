import { contains, parseNetwork } from "../host/neverban/Network.ts"
import type { NeverBanList } from "../host/neverban/NeverBanList.ts"

/** Whether a ban of a scan's source would hit a host of the never-ban list: one that is the source, or within its network. */
export const isSpared = ({ covering, entries }: NeverBanList, source: string): boolean => {
  const network = parseNetwork(source)
  if (network === undefined) return false
  return covering(network).length > 0 || entries.some((entry) => contains(network, entry.network))
}
