import { arePortsOfAnswer } from "../Probe.ts"
import type { PfHead } from "./PfHead.ts"
import type { TextEntry } from "./TextEntry.ts"

const dot = 0x2e
const space = 0x20
const colon = 0x3a
const zero = 0x30
const nine = 0x39
const letterA = 0x61
const letterF = 0x66
const letterR = 0x52
const letterS = 0x53
const closeBracket = 0x5d

/** What stands between the addresses, and behind them. */
const arrow = Buffer.from(" > ")
const flags = Buffer.from(": Flags [")
const udp = Buffer.from(": UDP, length ")

const maxPort = 65_535

/** More letters than tcpdump has flags. */
const mostFlags = 10

/** What the bytes of an entry say: whether it is a probe (Probe.ts); `unclear` where only its fields can tell. */
export type PlainReading = "probe" | "no probe" | "unclear"

/**
 * Reads off the bytes of a line whether it is a probe, where it says nothing out of the ordinary: what scans and floods consist
 * of, at a tenth of the price of an entry's fields. Addresses of any special kind are left to the fields.
 *
 * @example
 * 192.0.2.1.40000 > 198.51.100.9.22: Flags [S]
 * 2001:db8::1.40000 > 2001:db8:9::9.161: UDP, length 40
 */
export class PlainProbe {
  /** Of a probe: its protocol, */
  protocol: "tcp" | "udp" = "tcp"
  /** whether its addresses are of IPv6, */
  isIpv6 = false
  /** the addresses in words of 32 bits, of IPv4 one in the last, */
  readonly source = new Int32Array(4)
  readonly destination = new Int32Array(4)
  /** and the port that it asks for. */
  port = 0
  /** The head of the last entry, and what it says by itself: the next entry most often has the same. */
  private head: PfHead | undefined
  private headSays: PlainReading = "unclear"
  /** Where the reader stands; the last number read. */
  private at = 0
  private number = 0
  private readonly groups = new Uint16Array(8)

  /** @returns whether the entry is a probe; nothing else is known of it unless it is one */
  read(entry: TextEntry): PlainReading {
    const { head, bytes } = entry
    if (head !== this.head) {
      this.head = head
      this.headSays = readHead(head)
    }
    if (this.headSays !== "probe") return this.headSays
    this.at = entry.packetStart
    this.isIpv6 = this.startsWithGroup(bytes)
    if (!this.endpoint(bytes, this.source, space)) return "unclear"
    const sourcePort = this.number
    if (!this.literal(bytes, arrow, 1) || !this.endpoint(bytes, this.destination, colon)) return "unclear"
    this.port = this.number
    const says = this.transport(bytes, sourcePort, entry.end)
    return says === "probe" && (isSpecialSource(this.source, this.isIpv6) || this.goesToMany()) ? "unclear" : says
  }

  private transport(bytes: Buffer, sourcePort: number, end: number): PlainReading {
    if (this.literal(bytes, flags, 1)) return this.tcp(bytes, end)
    if (!this.literal(bytes, udp, 1) || this.at >= end) return "unclear"
    this.protocol = "udp"
    return arePortsOfAnswer(sourcePort, this.port) ? "no probe" : "probe"
  }

  /** Of a packet with ACK or RST it does not matter where it comes from. */
  private tcp(bytes: Buffer, end: number): PlainReading {
    this.protocol = "tcp"
    const start = this.at
    let isLate = false
    let at = start
    for (; at < Math.min(end, start + mostFlags) && bytes[at] !== closeBracket; at++) {
      const code = bytes[at] ?? 0
      if (!isFlag(code)) return "unclear"
      if (code === dot || code === letterR) isLate = true
    }
    if (at >= end || bytes[at] !== closeBracket) return "unclear"
    if (isLate) return "no probe"
    return bytes[start] === letterS && at === start + 1 ? "probe" : "unclear"
  }

  /** Whether the first separator is a colon. */
  private startsWithGroup(bytes: Buffer): boolean {
    let at = this.at
    while (isHexDigit(bytes[at] ?? 0) && at < this.at + 4) at++
    return at > this.at && bytes[at] === colon
  }

  /** Takes an address with its port, and the character that ends it. */
  private endpoint(bytes: Buffer, words: Int32Array, end: number): boolean {
    return (this.isIpv6 ? this.ipv6(bytes, words) : this.ipv4(bytes, words)) && this.decimal(bytes, end, maxPort)
  }

  /** Takes `192.0.2.1.`, a port behind it. */
  private ipv4(bytes: Buffer, words: Int32Array): boolean {
    let word = 0
    for (let octet = 0; octet < 4; octet++) {
      if (!this.decimal(bytes, dot, 255)) return false
      word = (word << 8) | this.number
    }
    words[3] = word
    return true
  }

  /** Takes `2001:db8::1.`, a port behind it. One with a dotted tail has more dots, and is not taken. */
  private ipv6(bytes: Buffer, words: Int32Array): boolean {
    const { groups } = this
    let at = this.at
    let count = 0
    let gap = -1
    for (;;) {
      const start = at
      let group = 0
      let code = bytes[at] ?? 0
      for (; isHexDigit(code); code = bytes[++at] ?? 0)
        group = (group << 4) | (code <= nine ? code - zero : code - letterA + 10)
      if (at === start || at > start + 4 || count === 8) return false
      groups[count++] = group
      at += 1
      if (code === dot) break
      if (code !== colon) return false
      if (bytes[at] !== colon) continue
      if (gap >= 0) return false
      gap = count
      at += 1
    }
    if (gap < 0 ? count !== 8 : count === 8) return false
    this.at = at
    spread(groups, count, gap, words)
    return true
  }

  /** Takes a number without leading zeros, and the character that ends it. */
  private decimal(bytes: Buffer, end: number, most: number): boolean {
    const start = this.at
    let at = start
    let value = 0
    let code = bytes[at] ?? 0
    for (; code >= zero && code <= nine && at < start + 5; code = bytes[++at] ?? 0) value = value * 10 + code - zero
    if (code !== end || at === start || value > most || (bytes[start] === zero && at > start + 1)) return false
    this.number = value
    this.at = at + 1
    return true
  }

  /** Takes what is left of a text, of which `from` characters are taken. */
  private literal(bytes: Buffer, text: Buffer, from: number): boolean {
    for (let index = from; index < text.length; index++) if (bytes[this.at + index - from] !== text[index]) return false
    this.at += text.length - from
    return true
  }

  /** Whether the destination may be more than one host: 224/3, of UDP also what ends in .255; all from fe00:: on. */
  private goesToMany(): boolean {
    const { destination, isIpv6 } = this
    if (isIpv6) return (destination[0] ?? 0) >>> 24 >= 0xfe
    const word = destination[3] ?? 0
    return word >>> 29 === 7 || (this.protocol === "udp" && (word & 255) === 255)
  }
}

/** What a head says by itself: `probe` where all depends on the packet. */
const readHead = ({ openbsd, action, direction, reason }: PfHead): PlainReading => {
  if (action !== "block" || direction !== "in" || reason !== "match") return "no probe"
  return openbsd ? "unclear" : "probe"
}

const isHexDigit = (code: number): boolean => (code >= zero && code <= nine) || (code >= letterA && code <= letterF)

const isFlag = (code: number): boolean =>
  code === dot || (code >= 0x41 && code <= 0x5a) || (code >= letterA && code <= 0x7a)

/** Puts the groups of an IPv6 address into words; `gap` is where `::` stands. */
const spread = (groups: Uint16Array, count: number, gap: number, words: Int32Array): void => {
  const zeros = 8 - count
  for (let word = 0; word < 4; word++) words[word] = 0
  for (let index = 0; index < count; index++) {
    const place = gap >= 0 && index >= gap ? index + zeros : index
    words[place >> 1] = (words[place >> 1] ?? 0) | ((groups[index] ?? 0) << (place % 2 === 0 ? 16 : 0))
  }
}

/** Of 0/8, 127/8, 169/8, 224/3, 0::/16, fe00::/7: some host may have it or not, which is decided elsewhere. */
const isSpecialSource = (source: Int32Array, isIpv6: boolean): boolean => {
  if (isIpv6) {
    const group = (source[0] ?? 0) >>> 16
    return group === 0 || group >= 0xfe00
  }
  const first = (source[3] ?? 0) >>> 24
  return first === 0 || first === 127 || first === 169 || first >= 224
}
