import type { Family } from "../../../src/decode/PfLogEntry.ts"

/** The family that an address is written in. */
export const familyOf = (address: string): Family => (address.includes(":") ? "ipv6" : "ipv4")

/** The address as it stands in a packet: 4 or 16 bytes in network order. */
export const addressBytes = (address: string): Uint8Array =>
  familyOf(address) === "ipv6" ? ipv6Bytes(address) : ipv4Bytes(address)

/** The dotted form of an IPv4 address given as a number from 0 to 2^32 - 1. */
export const ipv4FromNumber = (value: number): string =>
  `${(value >>> 24) & 255}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`

/**
 * The form in which tcpdump prints an IPv6 address: RFC 5952, with dots where the address is IPv4-mapped or
 * IPv4-compatible (`addrtostr6` of tcpdump.org).
 */
export const ipv6FromBytes = (bytes: Uint8Array): string => {
  const words = Array.from({ length: 8 }, (_, index) => wordAt(bytes, index * 2))
  const gap = longestZeros(words)
  const dotted = gap.start === 0 && (gap.length === 6 || (gap.length === 5 && words[5] === 0xffff))
  const hex = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(":")
  const tail = dotted ? 6 : 8
  const head =
    gap.length < 2 ? hex(0, tail) : `${hex(0, gap.start)}::${hex(Math.min(gap.start + gap.length, tail), tail)}`
  if (!dotted) return head
  const separator = head.endsWith(":") ? "" : ":"
  return `${head}${separator}${bytes.subarray(12, 16).join(".")}`
}

const wordAt = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

const longestZeros = (words: ReadonlyArray<number>): { readonly start: number; readonly length: number } => {
  let best = { start: 0, length: 0 }
  let start = 0
  words.forEach((word, index) => {
    if (word !== 0) {
      start = index + 1
    } else if (index + 1 - start > best.length) {
      best = { start, length: index + 1 - start }
    }
  })
  return best
}

const ipv4Bytes = (address: string): Uint8Array => {
  const bytes = new Uint8Array(4)
  let part = 0
  let value = 0
  for (let at = 0; at < address.length; at++) {
    const code = address.charCodeAt(at)
    if (code === 46) {
      bytes[part++] = value
      value = 0
    } else {
      value = value * 10 + code - 48
    }
  }
  bytes[part] = value
  return bytes
}

const ipv6Bytes = (address: string): Uint8Array => {
  const dot = address.lastIndexOf(".")
  const colon = address.lastIndexOf(":")
  if (dot > colon) {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(address.slice(colon + 1))
    const low = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
    return ipv6Bytes(address.slice(0, colon + 1) + low)
  }
  const [left = "", right] = address.split("::")
  const leading = left === "" ? [] : left.split(":")
  const trailing = right === undefined || right === "" ? [] : right.split(":")
  const missing = 8 - leading.length - trailing.length
  const words = [...leading, ...Array.from({ length: missing }, () => "0"), ...trailing]
  return Uint8Array.from(words.flatMap((word) => [Number.parseInt(word, 16) >>> 8, Number.parseInt(word, 16) & 255]))
}
