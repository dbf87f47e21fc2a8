import ipaddr from "ipaddr.js"

/** A network, or a single host where `bits` covers the whole address. */
export interface Network {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6
  readonly bits: number
  /** In the form that fail2ban and people read: `192.0.2.0/24`, `2001:db8::1`; never with a zone or bits outside the network. */
  readonly text: string
}

/**
 * Reads one address: IPv4 in four decimal parts, or IPv6. The zone of a link-local address (`fe80::1%em0`) is left off, since pf's
 * log has none and fail2ban can't read it; an IPv4 address inside IPv6 (`::ffff:192.0.2.1`) becomes the IPv4 address.
 */
export const parseAddress = (text: string): Network | undefined => {
  const [address = "", zone] = text.split("%", 2)
  if (zone !== undefined && !/^[\w.-]{1,32}$/.test(zone)) return undefined
  return isAddress(address) ? networkOf(ipaddr.process(address), undefined) : undefined
}

/** Reads an address without a zone, or a network such as `192.0.2.0/24` or `2001:db8::/32`. */
export const parseNetwork = (text: string): Network | undefined => {
  const [address = "", length, ...more] = text.split("/")
  if (!isAddress(address) || more.length > 0) return undefined
  if (length === undefined) return networkOf(ipaddr.process(address), undefined)
  const parsed = ipaddr.parse(address)
  const bits = /^(0|[1-9]\d{0,2})$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY
  if (bits > widthOf(parsed)) return undefined
  return parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && bits >= mappedBits
    ? networkOf(parsed.toIPv4Address(), bits - mappedBits)
    : networkOf(parsed, bits)
}

/** Whether every address of `inner` is one of `outer`. */
export const contains = (outer: Network, inner: Network): boolean => {
  const { address } = inner
  if (inner.bits < outer.bits) return false
  if (address instanceof ipaddr.IPv4)
    return outer.address instanceof ipaddr.IPv4 && address.match(outer.address, outer.bits)
  return outer.address instanceof ipaddr.IPv6 && address.match(outer.address, outer.bits)
}

/** The network of so many bits that contains an address. */
export const networkAround = ({ address }: Network, bits: number): Network => networkOf(address, bits)

/** Whether a network is a single host. */
export const isSingle = ({ address, bits }: Network): boolean => bits === widthOf(address)

/**
 * Whether a network is so large that a jail which never bans it would be useless: wider than /8 of IPv4 or /16 of IPv6. The
 * networks that only a site's own hosts can have, `fc00::/7` and `fe80::/10`, are allowed as a whole.
 */
export const isTooWide = (network: Network): boolean => {
  if (network.address instanceof ipaddr.IPv4) return network.bits < 8
  const { parts } = network.address
  const first = parts[0] ?? 0
  const isOfSites =
    ((first & 0xfe00) === 0xfc00 && network.bits >= 7) || ((first & 0xffc0) === 0xfe80 && network.bits >= 10)
  return network.bits < 16 && !isOfSites
}

/** Whether a neighbour of this host can have an address: not a loopback, multicast, broadcast or reserved one. */
export const isNeighbour = ({ address }: Network): boolean => {
  if (address instanceof ipaddr.IPv4) {
    const first = address.octets[0] ?? 0
    return first !== 0 && first !== 127 && first < 224
  }
  return !["unspecified", "loopback", "multicast"].includes(address.range())
}

const mappedBits = 96

// ipaddr.js alone accepts `1`, `0x7f.1` and `010.0.0.1` as IPv4, and a zone as a part of IPv6.
const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || (/^[\da-f:.]{2,45}$/i.test(text) && ipaddr.IPv6.isValid(text))

const widthOf = (address: ipaddr.IPv4 | ipaddr.IPv6): number => (address instanceof ipaddr.IPv4 ? 32 : 128)

const networkOf = (address: ipaddr.IPv4 | ipaddr.IPv6, length: number | undefined): Network => {
  const bits = length ?? widthOf(address)
  if (bits === widthOf(address)) return { address, bits, text: textOf(address) }
  const masked = address instanceof ipaddr.IPv4 ? masked4(address, bits) : masked6(address, bits)
  return { address: masked, bits, text: `${textOf(masked)}/${bits}` }
}

const masked4 = (address: ipaddr.IPv4, bits: number) =>
  ipaddr.IPv4.networkAddressFromCIDR(`${address.toString()}/${bits}`)

const masked6 = (address: ipaddr.IPv6, bits: number) =>
  ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${bits}`)

const textOf = (address: ipaddr.IPv4 | ipaddr.IPv6): string =>
  address instanceof ipaddr.IPv4 ? address.toString() : address.toRFC5952String()
