import { endpoint, familyOf } from "./Address.ts"
import { type Cursor, lineFeed } from "./Cursor.ts"
import type { Packet } from "./Packet.ts"
import type { PfHead } from "./PfHead.ts"

const space = 0x20
const colon = 0x3a
const openBracket = 0x5b
const openParenthesis = 0x28
const maxUint32 = 4_294_967_295

/** The longest remark in front of the addresses: two IPv6 addresses with ports and the words around them fit twice. */
const longestRemark = 256

/**
 * OpenBSD's tcpdump without `-v` writes a packet inside a tunnel in place of the tunnel's own, whose addresses stand
 * nowhere: such a line tells no source. On any other system these words are the sender's.
 */
const tunnelMarks = [" (encap)", " (gre encap)", " (mobile encap)"]

/** Words that OpenBSD's tcpdump writes in front of the addresses: `esp 192.0.2.1 > 192.0.2.2 spi 0x…`. */
const leadingProtocols: ReadonlyArray<readonly [word: string, protocol: string]> = [
  ["esp ", "esp"],
  ["ah ", "ah"],
  ["ipcomp ", "ipcomp"],
  ["gre ", "gre"],
  ["carp ", "vrrp"],
  ["vrrp ", "vrrp"],
  ["mobile ", "mobile"],
  ["etherip ", "etherip"]
]

/**
 * Takes the part of a line from behind `on vtnet0: ` up to the colon behind the destination, and that. Only what stands
 * right there is read, never anything further to the right, where the text of a payload or a nested packet may be. Where
 * it has no known form (`[|ip]`, `bad-hlen 4`, `IP6, wrong link-layer encapsulation`), the packet gets no addresses, and the
 * cursor stays in front of that.
 *
 * @example
 * 121.224.77.46.41854 > 46.38.233.77.6379:
 * truncated-ip - 20 bytes missing! 192.0.2.1 > 192.0.2.2:
 * 2001:db8::1.443 > 2001:db8::2.41854:
 *
 * @returns whether the addresses are there
 */
export const readPacketHead = (cursor: Cursor, head: PfHead, packet: Packet): boolean => {
  while (cursor.peek() === openBracket && readRemark(cursor, packet));
  if (head.openbsd && isTunnelled(cursor)) return false
  if (!isDigit(cursor.peek())) skipLeadIn(cursor, head.openbsd)
  const start = cursor.at
  if (readAddresses(cursor, head, packet)) return true
  cursor.at = start
  return false
}

const readAddresses = (cursor: Cursor, head: PfHead, packet: Packet): boolean => {
  const protocol = head.openbsd ? leadingProtocol(cursor) : undefined
  const sourceStart = cursor.at
  const source = endpoint(cursor, head.interface)
  if (source === undefined) return false
  const sourceHasPort = cursor.at > sourceStart + source.address.length
  if (!cursor.literal(" > ")) return false
  const destinationStart = cursor.at
  const destination = endpoint(cursor, head.interface)
  if (destination === undefined) return false
  const destinationHasPort = cursor.at > destinationStart + destination.address.length
  const family = familyOf(source.address)
  if (family !== familyOf(destination.address) || sourceHasPort !== destinationHasPort) return false
  if (!endsAddresses(cursor, protocol)) return false
  packet.family = family
  packet.protocol = protocol
  packet.source = source
  packet.destination = destination
  return true
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** Takes the words that may stand in front of the addresses. */
const skipLeadIn = (cursor: Cursor, openbsd: boolean): void => {
  cursor.literal("IP ") || cursor.literal("IP6 ")
  skipTruncation(cursor, openbsd)
  if (cursor.peek() === openParenthesis) skipVerboseIp6(cursor)
}

const isTunnelled = (cursor: Cursor): boolean => {
  const tail = cursor.text.substring(Math.max(cursor.at, cursor.end - 16), cursor.end)
  return tunnelMarks.some((mark) => tail.endsWith(mark))
}

/**
 * Takes `truncated-ip - 20 bytes missing! ` or `truncated-ip6 - 20 bytes missing!`, if it is there. Only the first has a
 * space at its end, and OpenBSD's has none.
 */
const skipTruncation = (cursor: Cursor, openbsd: boolean): void => {
  const start = cursor.at
  if (!cursor.literal("truncated-ip")) return
  const isIp6 = cursor.literal("6")
  if (cursor.literal(" - ") && cursor.decimal(maxUint32) >= 0 && cursor.literal(" bytes missing!")) {
    if (isIp6 || openbsd || cursor.character(space)) return
  }
  cursor.at = start
}

/** `(class 0x03, hlim 64, next-header TCP (6) payload length: 40) ` and its older forms. */
const verboseIp6 = /^\([^()]*next-header:? [^()]+ \(\d{1,3}\),? (?:payload )?length: \d+\) /

/** Takes what `tcpdump -v` writes of IPv6 in front of the addresses, if it is there. */
const skipVerboseIp6 = (cursor: Cursor): void => {
  const text = cursor.text.substring(cursor.at, Math.min(cursor.at + longestRemark, cursor.end))
  cursor.at += verboseIp6.exec(text)?.[0].length ?? 0
}

const leadingProtocol = (cursor: Cursor): string | undefined =>
  leadingProtocols.find(([word]) => cursor.literal(word))?.[1]

/** Takes what must follow the destination: a colon, then a space or the end of the line; of OpenBSD's IPsec a space. */
const endsAddresses = (cursor: Cursor, protocol: string | undefined): boolean => {
  if (cursor.character(colon)) return cursor.character(space) || cursor.atEnd
  return (protocol === "esp" || protocol === "ah" || protocol === "ipcomp") && cursor.character(space)
}

/**
 * Takes a remark in brackets that `-v` adds: `[uid 0, pid 3] `, `[orig src 192.0.2.1:5, dst 192.0.2.2:80] `,
 * `[rewritten: src 192.0.2.1:5, dst 192.0.2.2:80] ` or tcpdump.org's `[rewritten: src 192.0.2.1:5, src 192.0.2.2:80; `.
 */
const readRemark = (cursor: Cursor, packet: Packet): boolean => {
  const start = cursor.at
  if (cursor.literal("[uid ")) {
    const uid = cursor.decimal(maxUint32)
    const pid = cursor.literal(", pid ") ? cursor.decimal(maxUint32) : -1
    if (uid >= 0 && pid >= 0 && cursor.literal("] ")) {
      packet.uid = uid
      packet.pid = pid
      return true
    }
  } else if ((cursor.literal("[orig ") || cursor.literal("[rewritten: ")) && skipRemark(cursor)) return true
  cursor.at = start
  return false
}

/** Goes behind the next `] ` or `; `, which stands within the longest remark. */
const skipRemark = (cursor: Cursor): boolean => {
  const limit = Math.min(cursor.at + longestRemark, cursor.end)
  for (let at = cursor.at; at < limit; at++) {
    const code = cursor.text.charCodeAt(at)
    if (code === lineFeed) return false
    if ((code === 0x5d || code === 0x3b) && cursor.text.charCodeAt(at + 1) === space) {
      cursor.at = at + 2
      return true
    }
  }
  return false
}
