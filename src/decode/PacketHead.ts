import { endpoint, familyOf } from "./Address.ts"
import { type Cursor, lineFeed } from "./Cursor.ts"
import type { PfHead } from "./PfHead.ts"
import type { Endpoint, Family } from "./PfLogEntry.ts"

/** What a line says of the outermost packet's addresses; nothing of it where the packet has no form that is known. */
export interface PacketHead {
  readonly family: Family | undefined
  readonly source: Endpoint | undefined
  readonly destination: Endpoint | undefined
  /** The IP protocol, where the addresses' surroundings tell it already. */
  readonly protocol: string | undefined
  /** The process that the packet belongs to, which OpenBSD's `tcpdump -v` writes in front of the packet. */
  readonly uid: number | undefined
  readonly pid: number | undefined
  /** Whether OpenBSD's own tcpdump wrote it. */
  readonly openbsd: boolean
}

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
 * it has no known form (`[|ip]`, `bad-hlen 4`, `IP6, wrong link-layer encapsulation`), the cursor stays in front of it.
 *
 * @example
 * 121.224.77.46.41854 > 46.38.233.77.6379:
 * truncated-ip - 20 bytes missing! 192.0.2.1 > 192.0.2.2:
 * 2001:db8::1.443 > 2001:db8::2.41854:
 */
export const readPacketHead = (cursor: Cursor, head: PfHead): PacketHead => {
  const owner = cursor.peek() === openBracket ? readRemarks(cursor) : noOwner
  const start = cursor.at
  if (head.openbsd && isTunnelled(cursor)) return nothing(owner, head)
  cursor.literal("IP ") || cursor.literal("IP6 ")
  truncation(cursor)
  if (cursor.peek() === openParenthesis) verboseIp6(cursor)
  const protocol = head.openbsd ? leadingProtocol(cursor) : undefined
  const source = endpoint(cursor, head.interface)
  if (source !== undefined && cursor.literal(" > ")) {
    const destination = endpoint(cursor, head.interface)
    if (destination !== undefined) {
      const family = familyOf(source.address)
      if (family === familyOf(destination.address) && endsAddresses(cursor, protocol)) {
        return { family, source, destination, protocol, uid: owner.uid, pid: owner.pid, openbsd: head.openbsd }
      }
    }
  }
  cursor.at = start
  return nothing(owner, head)
}

interface Owner {
  readonly uid: number | undefined
  readonly pid: number | undefined
}

const noOwner: Owner = { uid: undefined, pid: undefined }

const nothing = (owner: Owner, head: PfHead): PacketHead => ({
  family: undefined,
  source: undefined,
  destination: undefined,
  protocol: undefined,
  uid: owner.uid,
  pid: owner.pid,
  openbsd: head.openbsd
})

const isTunnelled = (cursor: Cursor): boolean => {
  const tail = cursor.text.substring(Math.max(cursor.at, cursor.end - 16), cursor.end)
  return tunnelMarks.some((mark) => tail.endsWith(mark))
}

/** Takes `truncated-ip - 20 bytes missing! ` or `truncated-ip6 - 20 bytes missing!`, if it is there. */
const truncation = (cursor: Cursor): void => {
  const start = cursor.at
  if (!cursor.literal("truncated-ip")) return
  cursor.literal("6")
  if (cursor.literal(" - ") && cursor.decimal(maxUint32) >= 0 && cursor.literal(" bytes missing!")) {
    cursor.character(space)
  } else cursor.at = start
}

/** Takes `(class 0x03, hlim 64, next-header TCP (6) payload length: 40) `: what `tcpdump -v` writes of IPv6. */
const verboseIp6 = (cursor: Cursor): void => {
  const close = cursor.text.indexOf(") ", cursor.at)
  if (close < 0 || close > Math.min(cursor.at + longestRemark, cursor.end)) return
  const remark = /^\([^()]*(?:next-header|next-header:) [^()]+ \(\d{1,3}\),? (?:payload )?length: \d+\) /
  const found = remark.exec(cursor.text.substring(cursor.at, Math.min(cursor.at + longestRemark, cursor.end)))
  if (found !== null) cursor.at += found[0].length
}

const leadingProtocol = (cursor: Cursor): string | undefined =>
  leadingProtocols.find(([word]) => cursor.literal(word))?.[1]

/** Takes what must follow the destination: a colon, then a space or the end of the line. */
const endsAddresses = (cursor: Cursor, protocol: string | undefined): boolean => {
  if (cursor.character(colon)) return cursor.atEnd || cursor.character(space) || cursor.peek() === openBracket
  return (protocol === "esp" || protocol === "ah" || protocol === "ipcomp") && cursor.character(space)
}

/**
 * Takes the remarks in brackets that `-v` adds: `[uid 0, pid 3] `, `[orig src 192.0.2.1:5, dst 192.0.2.2:80] `,
 * `[rewritten: src 192.0.2.1:5, dst 192.0.2.2:80] ` and tcpdump.org's `[rewritten: src 192.0.2.1:5, src 192.0.2.2:80; `.
 */
const readRemarks = (cursor: Cursor): Owner => {
  let owner = noOwner
  for (;;) {
    const start = cursor.at
    if (cursor.literal("[uid ")) {
      const uid = cursor.decimal(maxUint32)
      const pid = cursor.literal(", pid ") ? cursor.decimal(maxUint32) : -1
      if (uid >= 0 && pid >= 0 && cursor.literal("] ")) {
        owner = { uid, pid }
        continue
      }
    } else if ((cursor.literal("[orig ") || cursor.literal("[rewritten: ")) && skipRemark(cursor)) continue
    cursor.at = start
    return owner
  }
}

/** Goes behind the next `] ` or `; `, which stand within the longest remark. */
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
