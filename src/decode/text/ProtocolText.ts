import { isProtocolKeyword, protocolKeyword } from "../IpProtocol.ts"
import type { Cursor } from "./Cursor.ts"
import { endpoint } from "./Endpoint.ts"
import { skipExtensions } from "./ExtensionHeaders.ts"
import { isIcmpRequest } from "./IcmpRequest.ts"
import { skipLengthRemark, skipTruncatedIp6 } from "./LengthRemark.ts"
import type { LinePacket } from "./LinePacket.ts"
import { readOldTcp } from "./OldTcp.ts"
import type { PfHead } from "./PfHead.ts"
import { addresslessWords, portlessWords, portWords, wordOf } from "./ProtocolWords.ts"

const maxPort = 65_535
const nfsPort = 2049

/** How much behind the addresses is looked at where the first words do not say all. */
const longestWords = 512

/** What is written of an Ethernet frame inside a packet: `00:00:5e:00:53:01 > 00:00:5e:00:53:02, ethertype …`. */
const ethernet = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2} /

/** What tcpdump before 4.3 writes of NFS, with a transaction's number in place of the client's port. */
const oldNfs = /^(?:reply (?:ok|ERR)|\d+ [a-z])/

/**
 * `ip-proto-17` (all that is known of a later fragment) or ` ip-proto-253 20` (a protocol without a printer); OpenBSD's
 * tcpdump goes on with remarks on the IP header: `ip-proto-115 24 (DF) [tos 0x10]`.
 */
const numbered = /^ ?ip-proto-(\d{1,3})(?: (\d+))?(?: [[(][^\n]*)?$/

/** All that is known of a later fragment, where names of protocols are printed: `udp`. */
const named = /^ ?([a-z][a-z0-9-]*)$/

/** `(frag 4711:1480@0+)`, which OpenBSD's tcpdump writes behind all else. */
const openbsdFragment = /\(frag \d+:\d+@\d+\+?\)/

/**
 * Reads what stands behind the addresses.
 *
 * @param complete whether the line was ended: what an unfinished one ends with may be the half of a word or a number
 */
export const readProtocolPart = (cursor: Cursor, head: PfHead, packet: LinePacket, complete: boolean): void => {
  if (!complete) dropLastWord(cursor)
  if (packet.protocol !== undefined) return
  if (packet.source?.port !== undefined || packet.destination?.port !== undefined) {
    readTransport(cursor, packet, complete)
  } else {
    const start = cursor.at
    if (packet.family === "ipv6") packet.fragment = skipExtensions(cursor)
    const extended = cursor.at > start
    // Of a jumbogram the length is known only here, behind the option that gives it.
    if (extended) skipTruncatedIp6(cursor) || skipLengthRemark(cursor)
    if (!readInner(cursor, packet, complete, extended)) readPortless(cursor, packet, complete)
  }
  if (head.openbsd) packet.fragment ||= openbsdFragment.test(cursor.rest().slice(-longestWords))
}

/** Cuts the text in front of the last space. */
const dropLastWord = (cursor: Cursor): void => {
  const end = Math.max(cursor.at, cursor.text.lastIndexOf(" ", cursor.end - 1))
  cursor.reset(cursor.text.substring(0, end), cursor.at, end)
}

/** Reads what stands behind `A.port > B.port: `. */
const readTransport = (cursor: Cursor, packet: LinePacket, complete: boolean): void => {
  if (cursor.literal("Flags [")) {
    packet.protocol = "tcp"
    packet.tcpFlags = readFlags(cursor)
    packet.payloadLength = lengthIn(cursor.rest())
    return
  }
  if (cursor.literal("UDP, ")) {
    packet.protocol = "udp"
    packet.payloadLength = lengthIn(cursor.rest())
    return
  }
  const text = boundedRest(cursor)
  const tcp = readOldTcp(text)
  if (tcp !== undefined) {
    packet.protocol = "tcp"
    packet.tcpFlags = tcp.flags
    packet.payloadLength = tcp.payloadLength
    return
  }
  if (hidesPort(packet, text)) return
  // All other protocols with ports are named, so what is not named is UDP: tcpdump may even write nothing of it.
  packet.protocol = portWords.get(wordOf(text)) ?? (complete ? "udp" : undefined)
  packet.payloadLength = toNumber(/^udp (\d+)/.exec(text)?.[1])
}

/** Takes `S.]`: the flags. */
const readFlags = (cursor: Cursor): string | undefined => {
  const start = cursor.at
  while (isFlag(cursor.peek())) cursor.at++
  const flags = cursor.since(start)
  return flags !== "" && cursor.literal("]") ? flags : undefined
}

/** Forgets the port in whose place there is a transaction of NFS; returns whether there is one. */
const hidesPort = (packet: LinePacket, text: string): boolean => {
  const { source, destination } = packet
  if (source === undefined || destination === undefined || !oldNfs.test(text)) return false
  if (source.port !== nfsPort && destination.port !== nfsPort) return false
  packet.source = source.port === nfsPort ? source : { address: source.address, port: undefined }
  packet.destination = destination.port === nfsPort ? destination : { address: destination.address, port: undefined }
  return true
}

/**
 * Reads what a line says of a packet whose addresses are missing: `[|ip6]`, ` [remaining caplen(23) < header length(32)] [|ip]`,
 * `truncated-sctp - 3 bytes missing!`.
 */
export const readAddressless = (cursor: Cursor, packet: LinePacket): void => {
  const text = boundedRest(cursor)
  const word = wordOf(text)
  const protocol = addresslessWords.get(word)
  if (protocol !== undefined) packet.protocol = protocol
  else if (word === "[|ip6" || word === "truncated-ip6") packet.family = "ipv6"
  else if (word === "[|ip" || text.endsWith(" [|ip]")) packet.family = "ipv4"
}

/** Reads what stands behind `A > B: `. */
const readPortless = (cursor: Cursor, packet: LinePacket, complete: boolean): void => {
  const text = boundedRest(cursor)
  const number = numbered.exec(text)
  if (number !== null) {
    packet.protocol = protocolKeyword(Number(number[1]))
    packet.payloadLength = toNumber(number[2])
    packet.fragment ||= complete && packet.payloadLength === undefined
    return
  }
  const name = complete ? named.exec(text)?.[1] : undefined
  if (name !== undefined && isProtocolKeyword(name)) {
    packet.protocol = name
    packet.fragment = true
    return
  }
  const word = wordOf(text)
  // A header of IPv6 that is cut off is this packet's as well as one inside it.
  if (word === "[|ip6" && packet.family === "ipv6") return
  packet.protocol = ethernet.test(text) ? "ethernet" : portlessWords.get(word)
  packet.icmpRequest = isIcmpRequest(text)
  packet.payloadLength = lengthIn(text)
}

/**
 * Reads ports or addresses that stand where a protocol's words do.
 *
 * Behind IPv6's extension headers tcpdump writes ports alone (`A > B: HBH 1234 > 80: Flags …`) or, for some protocols, the
 * same addresses once more, as it always does for PGM. Any other addresses are those of a packet inside this one.
 */
const readInner = (cursor: Cursor, packet: LinePacket, complete: boolean, extended: boolean): boolean => {
  const start = cursor.at
  const source = endpoint(cursor, "")
  const destination = source !== undefined && cursor.literal(" > ") ? endpoint(cursor, "") : undefined
  if (source !== undefined && destination !== undefined && cursor.literal(": ")) {
    const isSame = source.address === packet.source?.address && destination.address === packet.destination?.address
    if (isSame && repeatsAddresses(wordOf(boundedRest(cursor)), extended)) {
      packet.source = source
      packet.destination = destination
      readTransport(cursor, packet, complete)
    } else packet.protocol = source.address.includes(":") ? "ipv6" : "ipip"
    return true
  }
  cursor.at = start
  const sourcePort = cursor.decimal(maxPort)
  const destinationPort = sourcePort >= 0 && cursor.literal(" > ") ? cursor.decimal(maxPort) : -1
  if (packet.source !== undefined && packet.destination !== undefined && destinationPort >= 0 && cursor.literal(": ")) {
    packet.source = { address: packet.source.address, port: sourcePort }
    packet.destination = { address: packet.destination.address, port: destinationPort }
    readTransport(cursor, packet, complete)
    return true
  }
  cursor.at = start
  return false
}

/** Whether a protocol, by its first word, writes addresses that stand there already. */
const repeatsAddresses = (word: string, extended: boolean): boolean =>
  word === "PGM" || word === "[|pgm" || (extended && (word === "sctp" || word === "DCCP" || word === "[|tcp"))

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
