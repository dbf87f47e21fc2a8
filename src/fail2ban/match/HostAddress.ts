import ipaddr from "ipaddr.js"

/**
 * The address that fail2ban bans for the text that a pattern matched as the host, in one spelling; nothing where fail2ban would
 * have to ask DNS, or where the text is no address.
 *
 * The system's resolver takes short forms such as `1.2.3` for addresses, here 1.2.0.3.
 */
export const bannedAddress = (host: string, isName: boolean): string | undefined => {
  const bare = host.replace(/^\[(.*)\]$/, "$1").replace(/\/(?:32|128)$/, "")
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return bare
  if (bare.includes(":")) return sixteenBytes(bare)
  if (!isName || !ipaddr.IPv4.isValid(bare)) return undefined
  return ipaddr.IPv4.parse(bare).toString()
}

/** Whether two spellings mean the same address, whatever their case and their zone. */
export const sameAddress = (left: string, right: string): boolean => {
  if (left === right) return true
  if (!left.includes(":") || !right.includes(":")) return false
  return sixteenBytes(left) === sixteenBytes(right)
}

const sixteenBytes = (address: string): string | undefined => {
  const bare = address.replace(/%.*$/, "")
  return ipaddr.IPv6.isValid(bare) ? ipaddr.IPv6.parse(bare).toNormalizedString() : undefined
}
