/** The Internet checksum (RFC 1071) of some bytes, on top of a sum begun before. */
export const internetChecksum = (bytes: Uint8Array, begun = 0): number => {
  let sum = begun
  const even = bytes.length & ~1
  for (let at = 0; at < even; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  if (even < bytes.length) sum += (bytes[even] ?? 0) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** The sum over the pseudo header that TCP, UDP and ICMPv6 checksums begin with (RFC 9293, RFC 8200). */
export const pseudoHeaderSum = (
  source: Uint8Array,
  destination: Uint8Array,
  protocolNumber: number,
  length: number
): number => {
  let sum = protocolNumber + length
  for (let at = 0; at < source.length; at += 2) {
    sum += ((source[at] ?? 0) << 8) | (source[at + 1] ?? 0)
    sum += ((destination[at] ?? 0) << 8) | (destination[at + 1] ?? 0)
  }
  return sum
}
