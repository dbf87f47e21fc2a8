import { isIP } from "node:net"
import { type Endpoint, type PfLogEntry, plainEntry } from "../../../src/decode/PfLogEntry.ts"
import { decodeLine, makeTextDecoder } from "../../../src/decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../../../src/format/Ascii.ts"
import { makeJsonFormat } from "../../../src/format/Json.ts"

const ascii = makeAsciiFormat()
const json = makeJsonFormat()

/** Any time will do for an entry without one. */
const readAt = 1_692_000_000_000_137

/** A line of nothing but printable ASCII, with one line end, at its end. */
const printableLine = /^[\x20-\x7e]*\n$/

/**
 * Says what is wrong with how a line is decoded and written, or nothing.
 *
 * What it knows without decoding the line a second way: an entry has its head and its addresses at the very places where
 * pf's and the packet's stand, and all that is written of it can be read again and tells the same.
 */
export const findFault = (line: string): string | undefined => {
  const entry = decodeLine(line)
  const chunked = decodeInChunks(`${line}\n`)
  if (chunked !== JSON.stringify(line.split("\n").map((part) => decodeLine(part) ?? part)))
    return "depends on the chunks"
  if (entry === undefined || line.includes("\n")) return undefined
  return faultOfText(line, entry) ?? faultOfAddresses(entry) ?? faultOfAscii(entry) ?? faultOfJson(entry)
}

/** The entries and other lines that come of bytes which arrive in small chunks. */
const decodeInChunks = (text: string): string => {
  const found: Array<PfLogEntry | string> = []
  const sink = {
    entry: (entry: PfLogEntry) => found.push(plainEntry(entry)),
    other: (line: string) => found.push(line)
  }
  const decoder = makeTextDecoder()
  const bytes = Buffer.from(text, "latin1")
  for (let at = 0; at < bytes.length; at += 61) decoder.push(bytes.subarray(at, at + 61), sink)
  decoder.end(sink)
  return JSON.stringify(found)
}

const faultOfText = (line: string, entry: PfLogEntry): string | undefined => {
  if (!line.endsWith(entry.text)) return "the text is not the end of the line"
  if (!entry.text.startsWith("rule ")) return "the text does not begin with the rule"
  const inFront = line.slice(0, line.length - entry.text.length)
  if (/^(?:\s{2}|\t)|\t$|\s{2}$/.test(inFront)) return "an indented line is an entry"
  return undefined
}

const faultOfAddresses = (entry: PfLogEntry): string | undefined => {
  const { source, destination } = entry
  if (source === undefined || destination === undefined) {
    return source === destination ? undefined : "one address without the other"
  }
  for (const endpoint of [source, destination]) {
    const fault = faultOfEndpoint(endpoint)
    if (fault !== undefined) return fault
  }
  return standsBehindHead(entry, source.address) ? undefined : "the source does not stand right behind the head"
}

/** What may stand between pf's head and the first address. */
const remarks =
  /^(?:\[(?:uid|orig|rewritten:) [^\];]*[\];] |\[(?:total|header\+payload) length [^\]]*\] \(invalid\) )*(?:IP6? )?(?:truncated-ip6? - \d+ bytes missing! ?)?(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\) )?(?:truncated-ip6? - \d+ bytes missing! ?)?(?:(?:esp|ah|ipcomp|gre|carp|vrrp|mobile|etherip) )?/

/** Whether an address is the first thing behind the interface, but for remarks that hold no packet's addresses. */
const standsBehindHead = ({ text, interface: name }: PfLogEntry, address: string): boolean => {
  const head = ` on ${name}: `
  for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, at + 1)) {
    const packet = text.slice(at + head.length)
    if (packet.slice(remarks.exec(packet)?.[0].length).startsWith(address)) return true
  }
  return false
}

const faultOfEndpoint = ({ address, port }: Endpoint): string | undefined => {
  if (isIP(address.replace(/%.*$/, "")) === 0) return `no address: ${address}`
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) return `no port: ${port}`
  return undefined
}

/** What our own log says of an entry is the same entry. */
const faultOfAscii = (entry: PfLogEntry): string | undefined => {
  const written = ascii.entry(entry, readAt)
  if (!printableLine.test(written)) return "the ascii line is not one printable line"
  const again = decodeLine(written.slice(0, -1))
  if (again === undefined) return "the ascii line is no entry"
  const stays = /^[\x20-\x7e]*$/.test(entry.text)
  if (again.time !== (entry.time ?? readAt)) return "the time of the ascii line differs"
  if (again.source?.address !== entry.source?.address && entry.source?.address !== undefined)
    return "the source of the ascii line differs"
  if (stays && JSON.stringify({ ...again, time: 0 }) !== JSON.stringify({ ...entry, time: 0 }))
    return "the ascii line differs"
  return undefined
}

const faultOfJson = (entry: PfLogEntry): string | undefined => {
  const written = json.entry(entry, readAt)
  if (!printableLine.test(written)) return "the JSON line is not one printable line"
  try {
    JSON.parse(written)
    return undefined
  } catch {
    return "the JSON line is not JSON"
  }
}

/** What kind of result a line gives: lines that give the same tell a fuzzer nothing new. */
export const kindOf = (line: string): string => {
  const entry = decodeLine(line)
  if (entry === undefined) return "other"
  const has = (value: unknown): string => (value === undefined ? "-" : "+")
  return [
    ...[entry.time, entry.rule, entry.ruleset, entry.subrule, entry.uid, entry.pid, entry.ridentifier].map(has),
    ...[entry.source?.port, entry.destination?.port, entry.tcpFlags, entry.payloadLength].map(has),
    entry.family,
    entry.protocol,
    entry.fragment,
    entry.direction
  ].join(" ")
}
