import type { NetworkInterfaceInfo } from "node:os"
import { isNeighbour, type Network, networkAround, parseAddress } from "./Network.ts"
import type { Claim } from "./NeverBanList.ts"

/** The addresses of the interfaces, as `os.networkInterfaces()` tells them. */
export type Interfaces = Readonly<Record<string, ReadonlyArray<NetworkInterfaceInfo> | undefined>>

/** The addresses of all interfaces, and the prefix of IPv6 around each that is not of one link alone. */
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

/** What a host gets delegated is 64 bits of prefix: all of SLAAC's and privacy addresses, and of jails, lie within. */
const delegated = 64

/**
 * The prefix that is this host's own: the one on the link, but not more than a /64. Where hosters set a shorter one (/56, /48), so
 * that their router is on the link, strangers share it; a longer one (/80, /124) is all that is ours. A wider delegation belongs
 * into `guard.never`.
 */
const prefixOf = (network: Network, { family, cidr }: NetworkInterfaceInfo): Network | undefined => {
  if (family !== "IPv6" || cidr === null || !isNeighbour(network) || network.address.range() === "linkLocal")
    return undefined
  const onLink = Number(cidr.split("/")[1])
  return onLink < 128 ? networkAround(network, Math.max(onLink, delegated)) : undefined
}
