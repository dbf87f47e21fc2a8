import type { Endpoint, Family } from "../PfLogEntry.ts"
import type { Cursor } from "./Cursor.ts"

const dot = 0x2e
const colon = 0x3a
const percent = 0x25
const zero = 0x30
const nine = 0x39

const maxPort = 65_535
const maxUint32 = 4_294_967_295

const isDigit = (code: number): boolean => code >= zero && code <= nine

/** `0`-`9`, `a`-`f`: what inet_ntop(3) and tcpdump write; capitals never occur. */
const isHexDigit = (code: number): boolean => isDigit(code) || (code >= 0x61 && code <= 0x66)

/** Takes a number from 0 to 255 without leading zeros. */
const octet = (cursor: Cursor): boolean => {
  const start = cursor.at
  const leadingZero = cursor.peek() === zero
  if (cursor.decimal(255) >= 0 && (!leadingZero || cursor.at === start + 1)) return true
  cursor.at = start
  return false
}

/** Takes `192.0.2.1`. */
const ipv4 = (cursor: Cursor): boolean => {
  const start = cursor.at
  if (
    octet(cursor) &&
    cursor.character(dot) &&
    octet(cursor) &&
    cursor.character(dot) &&
    octet(cursor) &&
    cursor.character(dot) &&
    octet(cursor)
  ) {
    return true
  }
  cursor.at = start
  return false
}

/** Takes the one to four digits of a group: `2001`. */
const hexGroup = (cursor: Cursor): boolean => {
  const { text, at: start } = cursor
  let at = start
  while (at < start + 4 && isHexDigit(text.charCodeAt(at))) at++
  cursor.at = at
  return at > start
}

/** Takes `2001:db8::1`, `::`, `::ffff:192.0.2.1`. */
const ipv6 = (cursor: Cursor): boolean => {
  const start = cursor.at
  let groups = 0
  let compressed = cursor.literal("::")
  let groupStart = cursor.at
  while (groups < 8) {
    groupStart = cursor.at
    if (!hexGroup(cursor)) break
    groups++
    if (groups === 8 || cursor.peek() !== colon) break
    cursor.at++
    if (cursor.peek() === colon && !compressed) {
      cursor.at++
      compressed = true
    } else if (!isHexDigit(cursor.peek())) {
      // The colon belongs to what follows the address: `2001:db8::1: Flags …`.
      cursor.at--
      break
    }
  }
  if (groups > 0 && cursor.peek() === dot) groups += embeddedIpv4(cursor, groupStart)
  if (compressed ? groups < 8 : groups === 8) return true
  cursor.at = start
  return false
}

/** Takes the dotted tail of an IPv6 address whose last group starts at a place: the groups that it adds, or none. */
const embeddedIpv4 = (cursor: Cursor, groupStart: number): 0 | 1 => {
  const groupEnd = cursor.at
  cursor.at = groupStart
  if (ipv4(cursor)) return 1
  cursor.at = groupEnd
  return 0
}

/**
 * Takes the scope of an address: `%em0`. A scope is the name of an interface, which may hold dots and digits as a port
 * does (`fe80::1%vlan0.810.22`): the interface of the packet is tried first, then digits behind the last dot are a port.
 */
const scope = (cursor: Cursor, interfaceName: string): boolean => {
  if (!cursor.character(percent)) return true
  const start = cursor.at
  if (cursor.literal(interfaceName) && endsScope(cursor.peek())) return true
  cursor.at = start
  let port = -1
  for (;;) {
    const code = cursor.peek()
    if (code === dot) port = cursor.at
    else if (!isScopeCharacter(code)) break
    else if (!isDigit(code)) port = -1
    cursor.at++
  }
  if (port > start && port < cursor.at - 1) cursor.at = port
  return cursor.at > start
}

const endsScope = (code: number): boolean => code === dot || code === colon || code === 0x20

const isScopeCharacter = (code: number): boolean =>
  isDigit(code) || (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code === 0x2d

/**
 * Takes an address with its port, if it has one: `192.0.2.1.443`, `2001:db8::1.443`, `fe80::1%em0`.
 *
 * A number that cannot be a port is read and not kept: tcpdump up to 4.2 writes the 32 bits of an NFS transaction there.
 *
 * @returns the address and port, or `undefined` where the text is not wholly one
 */
export const endpoint = (cursor: Cursor, interfaceName: string): Endpoint | undefined => {
  const start = cursor.at
  if (!(ipv4(cursor) || (ipv6(cursor) && scope(cursor, interfaceName)))) {
    cursor.at = start
    return undefined
  }
  const address = cursor.since(start)
  if (!cursor.character(dot)) return { address, port: undefined }
  const port = cursor.decimal(maxUint32)
  if (port < 0) {
    cursor.at = start
    return undefined
  }
  return { address, port: port > maxPort ? undefined : port }
}

/** The family of an address as `endpoint` reads it. */
export const familyOf = (address: string): Family => (address.includes(":") ? "ipv6" : "ipv4")
