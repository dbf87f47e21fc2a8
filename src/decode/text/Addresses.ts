import { type Cursor, lineFeed } from "./Cursor.ts"
import { endpoint, familyOf } from "./Endpoint.ts"
import { skipLengthRemark, skipTruncatedIp6 } from "./LengthRemark.ts"
import type { LinePacket } from "./LinePacket.ts"
import type { PfHead } from "./PfHead.ts"

const space = 0x20
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openParenthesis = 0x28
const closeParenthesis = 0x29
const maxUint32 = 4_294_967_295

/** The longest remark in front of the addresses: nine IPv4 addresses of a recorded route and the words around them fit. */
const longestRemark = 512

/**
 * OpenBSD's tcpdump without `-v` writes a packet inside a tunnel in place of the tunnel's own, whose addresses stand
 * nowhere: such a line gives no source. What it says of an IPv6 header around the tunnel comes last of all.
 */
const tunnelMark = / \((?:gre |mobile )?encap\)(?: \[(?:class|flowlabel|hlim) [0-9a-fx]+\])*$/

/** The longest that a tunnel's mark gets, with the class, the flow label and the hop limit behind it. */
const longestMark = 80

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
 * (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto: TCP (6), length: 40) 192.0.2.1.443 > 192.0.2.2.41854:
 * 2001:db8::1.443 > 2001:db8::2.41854:
 *
 * @returns whether the addresses are there
 */
export const readAddressPart = (cursor: Cursor, head: PfHead, packet: LinePacket): boolean => {
  while (cursor.peek() === openBracket && readRemark(cursor, packet));
  if (head.openbsd && isTunnelled(cursor)) return false
  if (!isDigit(cursor.peek())) skipLeadIn(cursor, head.openbsd)
  const start = cursor.at
  if (readAddresses(cursor, head, packet) && !(isOldHead(head) && isOldTunnel(cursor))) return true
  cursor.at = start
  packet.forgetAddresses()
  return false
}

/** Whether the head is of the form that OpenBSD's tcpdump wrote up to 3.3, as tcpdump.org's does of a rule outside anchors. */
const isOldHead = ({ openbsd, ruleset, subrule, uid, ridentifier }: PfHead): boolean =>
  !openbsd && ruleset === undefined && subrule === undefined && uid === undefined && ridentifier === undefined

/** What only OpenBSD's tcpdump, and tcpdump.org's before 4.0, write of a protocol: `S 1:1(0)`, `udp 40`, `icmp: `. */
const openbsdWords = /^(?:[SFRPUWE.]+ (?:\d+:\d+\(|ack \d|win \d)| ?udp \d|icmp6?: )/

/** Whether a line with a head of the old form is of OpenBSD's tcpdump, and says that the packet came in a tunnel. */
const isOldTunnel = (cursor: Cursor): boolean =>
  isTunnelled(cursor) && openbsdWords.test(cursor.text.substring(cursor.at, cursor.at + longestMark))

const readAddresses = (cursor: Cursor, head: PfHead, packet: LinePacket): boolean => {
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
  if (!endsAddresses(cursor, protocol, destinationHasPort)) return false
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
  skipVerboseHeader(cursor)
  skipTruncation(cursor, openbsd)
}

const isTunnelled = (cursor: Cursor): boolean => {
  const last = cursor.text.charCodeAt(cursor.end - 1)
  if (last !== closeParenthesis && last !== closeBracket) return false
  return tunnelMark.test(cursor.text.substring(Math.max(cursor.at, cursor.end - longestMark), cursor.end))
}

/**
 * Takes `truncated-ip - 20 bytes missing! ` or `truncated-ip6 - 20 bytes missing!`, if it is there. Only the first has a
 * space at its end, and OpenBSD's has none.
 */
const skipTruncation = (cursor: Cursor, openbsd: boolean): void => {
  const start = cursor.at
  const isIp6 = skipTruncatedIp6(cursor)
  if (isIp6 || !cursor.literal("truncated-ip - ")) return
  if (cursor.decimal(maxUint32) >= 0 && cursor.literal(" bytes missing!") && (openbsd || cursor.character(space)))
    return
  cursor.at = start
}

/** What begins the part of a line that `tcpdump -v` makes of an IP header's fields; OpenBSD's stands at the line's end. */
const verboseHeaders = ["(tos 0x", "(class 0x", "(flowlabel 0x", "(hlim "]

/** Takes what `tcpdump -v` writes of an IP header in front of the addresses, if it is there: numbers and names, no payload. */
const skipVerboseHeader = (cursor: Cursor): void => {
  if (cursor.peek() !== openParenthesis) return
  const start = cursor.at
  if (!verboseHeaders.some((header) => cursor.text.startsWith(header, start))) return
  if (cursor.group(longestRemark) && cursor.character(space)) return
  cursor.at = start
}

const leadingProtocol = (cursor: Cursor): string | undefined =>
  leadingProtocols.find(([word]) => cursor.literal(word))?.[1]

/**
 * Takes what must follow the destination: a colon, then a space or the end of the line; older OpenBSDs write the words of
 * some protocols right behind the colon (`53:[|domain]`, `547:dhcp6 solicit`). Of OpenBSD's IPsec and EtherIP there is no colon.
 */
const endsAddresses = (cursor: Cursor, protocol: string | undefined, hasPort: boolean): boolean => {
  if (cursor.character(colon)) {
    if (cursor.character(space) || cursor.atEnd) return true
    const code = cursor.peek()
    return code === openBracket || (hasPort && isLetter(code))
  }
  if (protocol === "etherip") return cursor.character(space)
  return (
    (protocol === "esp" || protocol === "ah" || protocol === "ipcomp") &&
    (cursor.character(space) || cursor.peek() === openBracket)
  )
}

const isLetter = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)

/**
 * Takes a remark in brackets that `-v` adds: `[uid 0, pid 3] `, `[uid 0] `, `[orig src 192.0.2.1:5, dst 192.0.2.2:80] `,
 * `[rewritten: src 192.0.2.1:5, dst 192.0.2.2:80] ` or tcpdump.org's `[rewritten: src 192.0.2.1:5, src 192.0.2.2:80; `; or
 * one on the packet's length.
 */
const readRemark = (cursor: Cursor, packet: LinePacket): boolean => {
  const start = cursor.at
  if (cursor.literal("[uid ")) {
    const uid = cursor.decimal(maxUint32)
    const hasPid = cursor.literal(", pid ")
    const pid = hasPid ? cursor.decimal(maxUint32) : 0
    if (uid >= 0 && pid >= 0 && cursor.literal("] ")) {
      packet.uid = uid
      if (hasPid) packet.pid = pid
      return true
    }
  } else if (cursor.literal("[orig ") || cursor.literal("[rewritten: ")) {
    if (skipRemark(cursor)) return true
  } else if (skipLengthRemark(cursor)) return true
  cursor.at = start
  return false
}

/** Goes behind the next `] ` or `; `, which stands within the longest remark. */
const skipRemark = (cursor: Cursor): boolean => {
  const limit = Math.min(cursor.at + longestRemark, cursor.end)
  for (let at = cursor.at; at < limit; at++) {
    const code = cursor.text.charCodeAt(at)
    if (code === lineFeed) return false
    if ((code === closeBracket || code === 0x3b) && cursor.text.charCodeAt(at + 1) === space) {
      cursor.at = at + 2
      return true
    }
  }
  return false
}
