import type { NetworkInterfaceInfo } from "node:os"
import { isNeighbour, type Network, networkAround, parseAddress } from "./Network.ts"
import type { Claim } from "./NeverBanList.ts"

/** The addresses of the interfaces, as `os.networkInterfaces()` returns them. */
export type Interfaces = Readonly<Record<string, ReadonlyArray<NetworkInterfaceInfo> | undefined>>

/** The addresses of all interfaces, and the IPv6 prefix around each one that is not link-local. */
export const ownAddresses = (interfaces: Interfaces): ReadonlyArray<Claim> =>
  Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap((address): ReadonlyArray<Claim> => {
      const network = parseAddress(address.address)
      if (network === undefined) return []
      const prefix = prefixOf(network, address)
      return [
        { network, role: "own address", source: name },
        ...(prefix === undefined ? [] : [{ network: prefix, role: "own prefix", source: name } as const])
      ]
    })
  )

/** The prefix that is delegated to a host has 64 bits, and contains all addresses of SLAAC, privacy extensions and jails. */
const delegated = 64

/**
 * The prefix that belongs to this host: the one on the link, but not more than a /64. Some hosting companies set a shorter one (/56,
 * /48), so that their router is on the link, and strangers share it; of a longer one (/80, /124), only that is ours. A wider
 * delegation belongs into `guard.never`.
 */
const prefixOf = (network: Network, { family, cidr }: NetworkInterfaceInfo): Network | undefined => {
  if (family !== "IPv6" || cidr === null || !isNeighbour(network) || network.address.range() === "linkLocal")
    return undefined
  const onLink = Number(cidr.split("/")[1])
  return onLink < 128 ? networkAround(network, Math.max(onLink, delegated)) : undefined
}
