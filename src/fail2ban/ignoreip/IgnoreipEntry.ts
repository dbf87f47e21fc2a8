import * as ipaddr from "ipaddr.js"
import { type Network, parseNetwork } from "../../host/neverban/Network.ts"

/** An entry of `ignoreip`, as fail2ban reads it. */
export type IgnoreipEntry =
  | { readonly _tag: "Network"; readonly network: Network }
  /** A host's name, which fail2ban resolves for each line: here it covers no address. */
  | { readonly _tag: "Name" }
  /** Neither: the entry covers nothing, or the jail does not start. */
  | { readonly _tag: "Unreadable"; readonly why: string }

/**
 * Reads an entry as fail2ban does: IPv4 in four parts or IPv6, with or without brackets, alone or with a length or a mask.
 * fail2ban takes shorter forms of IPv4 for names, and `192.168.0/24` covers nothing.
 */
export const parseIgnoreipEntry = (entry: string): IgnoreipEntry => {
  const plain = /^\[.{2,}\]$/.test(entry) ? entry.slice(1, -1) : entry
  const network = parseNetwork(withLength(plain))
  if (network !== undefined) return { _tag: "Network", network }
  if (plain.includes("%")) return unreadable("an address may not have a zone here")
  if (plain.includes("/")) return unreadable("not a full address with a valid prefix length")
  if (/^[\d.]+$/.test(plain)) return unreadable("an IPv4 address has four parts")
  return /^(?=.*[a-z])[a-z\d_.-]+$/i.test(plain) ? { _tag: "Name" } : unreadable("not an address, network or name")
}

const unreadable = (why: string): IgnoreipEntry => ({ _tag: "Unreadable", why })

/** Replaces a mask by a length: `192.0.2.0/255.255.255.0`, `2001:db8::/ffff:ffff::`. */
const withLength = (entry: string): string => {
  const [address = "", mask = ""] = entry.split("/")
  const isMask = ipaddr.IPv4.isValidFourPartDecimal(mask) || (mask.includes(":") && ipaddr.IPv6.isValid(mask))
  if (!isMask) return entry
  return `${address}/${ipaddr.parse(mask).prefixLengthFromSubnetMask() ?? ""}`
}
