import ipaddr from "ipaddr.js"

const dot = 0x2e
const colon = 0x3a
const percent = 0x25
const zero = 0x30
const nine = 0x39
const letterA = 0x61

/** The four words of an IPv6 address, or one of an IPv4 address in the last. */
export type AddressWords = Int32Array

/**
 * Reads an address as a decoder gives it into four words of 32 bits; of IPv4 only the last one is not 0. A scope is left off.
 * What is no address gives words of no use, and harms nothing.
 *
 * @returns whether it is an address of IPv6
 */
export const readAddress = (address: string, words: AddressWords): boolean => {
  words.fill(0)
  if (!address.includes(":")) {
    words[3] = ipv4Word(address, 0)
    return false
  }
  readIpv6(address, words)
  return true
}

const ipv4Word = (text: string, start: number): number => {
  let word = 0
  let octet = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === dot) {
      word = (word << 8) | octet
      octet = 0
    } else if (code >= zero && code <= nine) {
      octet = octet * 10 + code - zero
    } else break
  }
  return (word << 8) | octet
}

const groups = new Uint16Array(8)

const readIpv6 = (text: string, words: AddressWords): void => {
  let count = 0
  let gap = -1
  let group = 0
  let groupStart = 0
  groups.fill(0)
  let at = 0
  for (; at < text.length && count < 8; at++) {
    const code = text.charCodeAt(at)
    if (code === colon) {
      if (at > groupStart) groups[count++] = group
      if (text.charCodeAt(at + 1) === colon) gap = count
      group = 0
      groupStart = at + 1
    } else if (code === dot) {
      const tail = ipv4Word(text, groupStart)
      groups[count++] = (tail >>> 16) & 0xffff
      groups[count++] = tail & 0xffff
      groupStart = text.length
      break
    } else if (code === percent) break
    else group = ((group << 4) | (code <= nine ? code - zero : code - letterA + 10)) & 0xffff
  }
  if (at > groupStart && count < 8) groups[count++] = group
  const zeros = gap < 0 ? 0 : 8 - count
  for (let index = 0; index < count; index++) {
    const place = gap >= 0 && index >= gap ? index + zeros : index
    words[place >> 1] = (words[place >> 1] ?? 0) | ((groups[index] ?? 0) << (place % 2 === 0 ? 16 : 0))
  }
}

/** The second word of the network around a source: the /24 of an IPv4 address (`high` is 0), the /48 of IPv6. */
export const networkWord = (high: number, low: number): number => low & (high === 0 ? 0xffff_ff00 : 0xffff_0000)

/**
 * A source as it is counted: an IPv4 address, or the /64 of IPv6, which is what a customer gets: addresses within are theirs to
 * choose.
 */
export const sourceText = (high: number, low: number): string => (high === 0 ? ipv4Text(low) : ipv6Text(high, low, 64))

/** The network around a source: `203.0.113.0/24`, `2001:db8:1::/48`. */
export const networkText = (high: number, network: number): string =>
  high === 0 ? `${ipv4Text(network)}/24` : ipv6Text(high, network, 48)

const ipv4Text = (word: number): string => `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`

const ipv6Text = (high: number, low: number, bits: number): string => {
  const parts = [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff, 0, 0, 0, 0]
  return `${new ipaddr.IPv6(parts).toRFC5952String()}/${bits}`
}
