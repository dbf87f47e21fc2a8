import { endpoint } from "./Address.ts"
import type { Cursor } from "./Cursor.ts"
import { isProtocolKeyword, protocolKeyword } from "./IpProtocol.ts"
import type { PacketHead } from "./PacketHead.ts"
import type { Endpoint } from "./PfLogEntry.ts"

/** What a line says of the outermost packet, its addresses included. */
export interface PacketBody {
  readonly protocol: string | undefined
  readonly source: Endpoint | undefined
  readonly destination: Endpoint | undefined
  readonly tcpFlags: string | undefined
  readonly fragment: boolean
  readonly payloadLength: number | undefined
}

const closeParenthesis = 0x29
const maxPort = 65_535
const nfsPort = 2049

/** How much behind the addresses is looked at where the first words don't tell all. */
const longestWords = 512

/** The first word behind `A.port > B.port: ` of the protocols that tcpdump names there; of UDP it mostly doesn't. */
const portWords: ReadonlyMap<string, string> = new Map([
  ["tcp", "tcp"],
  ["[|tcp", "tcp"],
  ["sctp", "sctp"],
  ["[|sctp", "sctp"],
  ["DCCP", "dccp"],
  ["[|dccp", "dccp"],
  ["truncated-dccp", "dccp"],
  ["PGM", "pgm"],
  ["[|pgm", "pgm"]
])

/**
 * The first word behind `A > B: `, which tcpdump writes itself, in front of anything that the packet holds. What is wrong
 * with an IP packet stands behind addresses only where they are those of a packet around it.
 */
const portlessWords: ReadonlyMap<string, string> = new Map([
  ...words("icmp", "ICMP", "icmp", "[|icmp", "[ICMP"),
  ...words("ipv6-icmp", "ICMP6", "icmp6", "[|icmp6", "[ICMPv6"),
  ...words("igmp", "igmp", "[|igmp", "[IGMP", "mtrace", "mresp"),
  ...words("gre", "GREv", "gre", "[|gre"),
  ...words("esp", "ESP", "[|esp"),
  ...words("ah", "AH", "[|ah"),
  ...words("ipcomp", "IPComp", "[|ipcomp"),
  ...words("ospf", "OSPFv", "[|ospf", "[|ospf6"),
  ...words("pim", "PIMv", "pim", "[|pim"),
  ...words("vrrp", "VRRPv", "vrrp", "CARPv", "[|vrrp", "[|carp"),
  ...words("eigrp", "EIGRP", "[|eigrp"),
  ...words("igrp", "igrp", "[|igrp"),
  ...words("egp", "EGPv", "egp", "[|egp"),
  ...words("rsvp", "RSVPv", "[|rsvp"),
  ...words("mobile", "mobile", "[|mobile"),
  ...words("mobility-header", "mobility", "[|mobility"),
  ...words("sun-nd", "nd"),
  ...words("ipv6-nonxt", "no"),
  ...words("ethernet", "[Ethernet"),
  ...words("tcp", "[|tcp"),
  ...words("udp", "[|udp", "truncated-udp"),
  ...words("sctp", "truncated-sctp", "[|sctp"),
  ...words("dccp", "truncated-dccp", "[|dccp"),
  ...words("pgm", "[|pgm"),
  ...words("ipip", "IP", "IP6", "bad", "truncated-ip", "[|ip"),
  ...words("ipv6", "version", "truncated-ip6", "[|ip6")
])

/** The words of one protocol, as the entries of a map. */
function words(protocol: string, ...written: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> {
  return written.map((word) => [word, protocol])
}

/** `ICMP6`, `GREv` (of `GREv0`), `[|tcp`, `[ICMP`, `truncated-udp`. */
const firstWord = /^ ?((?:\[\|?|truncated-)?[A-Za-z]+6?)/

/** TCP of OpenBSD's tcpdump, and of tcpdump.org's before 4.0: `S 1:1(0) win 52206`, `. ack 1 win 5`. */
const oldTcp =
  /^([SFRPUWE]+|\.)(?: \[[a-z ]+\]| \[bad [^\]]*\]|, cksum 0x[^,]*,)?(?: \d+:\d+\((\d+)\)| ack \d| win \d|$)/

/** What tcpdump before 4.3 writes of NFS, with a transaction's number in place of the client's port. */
const oldNfs = /^(?:reply (?:ok|ERR)|\d+ [a-z])/

/** `ip-proto-17` (all that is known of a later fragment) or ` ip-proto-253 20` (a protocol without a printer). */
const numbered = /^ ?ip-proto-(\d{1,3})(?: (\d+))?$/

/** All that is known of a later fragment, where names of protocols are printed: `udp`. */
const named = /^ ?([a-z][a-z0-9-]*)$/

/** `(frag 4711:1480@0+)`, which OpenBSD's tcpdump writes behind all else. */
const openbsdFragment = /\(frag \d+:\d+@\d+\+?\)/

const none: PacketBody = {
  protocol: undefined,
  source: undefined,
  destination: undefined,
  tcpFlags: undefined,
  fragment: false,
  payloadLength: undefined
}

/**
 * Reads what stands behind the addresses.
 *
 * @param complete whether the line was ended: what an unfinished one ends with may be the half of a word or a number
 */
export const readPacketBody = (cursor: Cursor, head: PacketHead, complete: boolean): PacketBody => {
  const { source, destination } = head
  if (source === undefined || destination === undefined) return none
  if (!complete) cursor.end = Math.max(cursor.at, cursor.text.lastIndexOf(" ", cursor.end - 1))
  if (source.port !== undefined || destination.port !== undefined) {
    return readTransport(cursor, head, source, destination, false)
  }
  if (head.protocol !== undefined) return { ...none, source, destination, protocol: head.protocol }
  return readPortless(cursor, head, source, destination, complete)
}

/** Reads what stands behind `A.port > B.port: `. */
const readTransport = (
  cursor: Cursor,
  head: PacketHead,
  source: Endpoint,
  destination: Endpoint,
  fragment: boolean
): PacketBody => {
  if (cursor.literal("Flags [")) {
    const start = cursor.at
    while (isFlag(cursor.peek())) cursor.at++
    const flags = cursor.since(start)
    const tcpFlags = flags !== "" && cursor.literal("]") ? flags : undefined
    return { protocol: "tcp", source, destination, tcpFlags, fragment, payloadLength: lengthIn(cursor.rest()) }
  }
  if (cursor.literal("UDP, ")) {
    const payloadLength = lengthIn(cursor.rest())
    return { protocol: "udp", source, destination, tcpFlags: undefined, fragment, payloadLength }
  }
  if (cursor.atEnd) return { ...none, source, destination, fragment }
  const text = boundedRest(cursor)
  const isFragment = fragment || (head.openbsd && openbsdFragment.test(cursor.rest().slice(-longestWords)))
  const tcp = oldTcp.exec(text)
  if (tcp !== null) {
    return {
      protocol: "tcp",
      source,
      destination,
      tcpFlags: tcp[1],
      fragment: isFragment,
      payloadLength: toNumber(tcp[2])
    }
  }
  if ((source.port === nfsPort || destination.port === nfsPort) && oldNfs.test(text)) {
    return {
      ...none,
      source: { address: source.address, port: source.port === nfsPort ? nfsPort : undefined },
      destination: { address: destination.address, port: destination.port === nfsPort ? nfsPort : undefined }
    }
  }
  return {
    protocol: portWords.get(firstWord.exec(text)?.[1] ?? "") ?? "udp",
    source,
    destination,
    tcpFlags: undefined,
    fragment: isFragment,
    payloadLength: toNumber(/^udp (\d+)/.exec(text)?.[1])
  }
}

/** Reads what stands behind `A > B: `. */
const readPortless = (
  cursor: Cursor,
  head: PacketHead,
  source: Endpoint,
  destination: Endpoint,
  complete: boolean
): PacketBody => {
  const fragment = head.family === "ipv6" && skipExtensions(cursor)
  const inner = readInner(cursor, head, source, destination, fragment)
  if (inner !== undefined) return inner
  const text = boundedRest(cursor)
  const number = numbered.exec(text)
  if (number !== null) {
    const protocol = protocolKeyword(Number(number[1]))
    const payloadLength = toNumber(number[2])
    const later = fragment || (complete && payloadLength === undefined)
    return { protocol, source, destination, tcpFlags: undefined, fragment: later, payloadLength }
  }
  const name = complete ? named.exec(text)?.[1] : undefined
  if (name !== undefined && isProtocolKeyword(name)) {
    return { ...none, protocol: name, source, destination, fragment: true }
  }
  return {
    protocol: portlessWords.get(firstWord.exec(text)?.[1] ?? ""),
    source,
    destination,
    tcpFlags: undefined,
    fragment: fragment || (head.openbsd && openbsdFragment.test(cursor.rest().slice(-longestWords))),
    payloadLength: lengthIn(text)
  }
}

/**
 * Reads ports or addresses that stand where a protocol's words do.
 *
 * Behind IPv6's extension headers tcpdump writes ports alone (`A > B: HBH 1234 > 80: Flags …`) or, for SCTP, DCCP and PGM,
 * the same addresses once more with ports. Any other addresses are those of a packet inside this one.
 */
const readInner = (
  cursor: Cursor,
  head: PacketHead,
  source: Endpoint,
  destination: Endpoint,
  fragment: boolean
): PacketBody | undefined => {
  const start = cursor.at
  const innerSource = endpoint(cursor, "")
  if (innerSource !== undefined && cursor.literal(" > ")) {
    const innerDestination = endpoint(cursor, "")
    if (innerDestination !== undefined && cursor.literal(": ")) {
      const isSame = innerSource.address === source.address && innerDestination.address === destination.address
      const word = firstWord.exec(boundedRest(cursor))?.[1] ?? ""
      if (isSame && innerSource.port !== undefined && (word === "sctp" || word === "DCCP" || word === "PGM")) {
        return readTransport(cursor, head, innerSource, innerDestination, fragment)
      }
      const protocol = innerSource.address.includes(":") ? "ipv6" : "ipip"
      return { ...none, protocol, source, destination, fragment }
    }
  }
  cursor.at = start
  const sourcePort = cursor.decimal(maxPort)
  if (sourcePort >= 0 && cursor.literal(" > ")) {
    const destinationPort = cursor.decimal(maxPort)
    if (destinationPort >= 0 && cursor.literal(": ")) {
      return readTransport(
        cursor,
        head,
        { address: source.address, port: sourcePort },
        { address: destination.address, port: destinationPort },
        fragment
      )
    }
  }
  cursor.at = start
  return undefined
}

/**
 * Takes the extension headers of IPv6: `HBH `, `DSTOPT `, `srcrt (len=2, …) `, `frag (0|1448) `.
 *
 * @returns whether one of them makes the packet a fragment
 */
const skipExtensions = (cursor: Cursor): boolean => {
  let fragment = false
  for (;;) {
    if (cursor.literal("HBH ") || cursor.literal("DSTOPT ")) continue
    const isFragment = cursor.literal("frag (")
    if (!isFragment && !cursor.literal("srcrt (")) return fragment
    fragment ||= isFragment
    while (!cursor.atEnd && cursor.peek() !== closeParenthesis) cursor.at++
    cursor.literal(") ") || cursor.literal(")")
  }
}

/** `S`, `F`, `R`, `P`, `U`, `E`, `W`, `e`, `.` and the letters of `none`. */
const isFlag = (code: number): boolean =>
  code === 0x2e || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)

const boundedRest = (cursor: Cursor): string =>
  cursor.text.substring(cursor.at, Math.min(cursor.end, cursor.at + longestWords))

/** The number behind the first `length `, which tcpdump writes in front of anything that the packet holds. */
const lengthIn = (text: string): number | undefined => {
  const at = text.indexOf("length ")
  if (at < 0) return undefined
  let value = -1
  for (let digit = at + 7; ; digit++) {
    const code = text.charCodeAt(digit)
    if (!(code >= 0x30 && code <= 0x39)) break
    value = Math.max(value, 0) * 10 + code - 0x30
  }
  return value < 0 ? undefined : value
}

const toNumber = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits))
