import type { TextEntry } from "./TextEntry.ts"

const dot = 0x2e
const space = 0x20
const colon = 0x3a
const zero = 0x30
const one = 0x31
const letterS = 0x53
const closeBracket = 0x5d

/** What stands between the addresses, and behind them. */
const arrow = Buffer.from(" > ")
const flags = Buffer.from(": Flags [")

/** Where a SYN comes from and goes to, in numbers: an IPv4 address has 32 bits. */
export class PlainSyn {
  source = 0
  destination = 0
  /** The port that it asks for. */
  port = 0
  /** Where the reader stands; the last number read. */
  private at = 0
  private number = 0

  /**
   * Reads an entry that says nothing but `A.B.C.D.port > A.B.C.D.port: Flags [S]` of a packet that pf blocked: what a scan and
   * a flood of SYNs consist of, at a tenth of the price of an entry's fields. It recognises only packets that are
   * clearly probes (Probe.ts); addresses of any special kind are left to the fields, as is whatever else an entry says.
   *
   * @returns whether it is one; nothing of it is known otherwise
   */
  read(entry: TextEntry): boolean {
    const { head, bytes } = entry
    if (head.openbsd || head.action !== "block" || head.direction !== "in" || head.reason !== "match") return false
    this.at = entry.packetStart
    if (!this.address(bytes)) return false
    this.source = this.number
    if (isSpecialSource(this.number) || !this.decimal(bytes, space, 65_535) || !this.literal(bytes, arrow, 1))
      return false
    if (!this.address(bytes)) return false
    this.destination = this.number
    if (this.number >>> 29 === 7 || !this.decimal(bytes, colon, 65_535)) return false
    this.port = this.number
    if (!this.literal(bytes, flags, 1)) return false
    return bytes[this.at] === letterS && bytes[this.at + 1] === closeBracket && this.at + 1 < entry.end
  }

  /** Takes `192.0.2.1.`, a port behind it. */
  private address(bytes: Buffer): boolean {
    let word = 0
    for (let octet = 0; octet < 4; octet++) {
      if (!this.decimal(bytes, dot, 255)) return false
      word = (word << 8) | this.number
    }
    this.number = word
    return true
  }

  /** Takes a number without leading zeros, and the character that ends it. */
  private decimal(bytes: Buffer, end: number, most: number): boolean {
    const start = this.at
    let at = start
    let value = 0
    let code = bytes[at] ?? 0
    for (; code >= zero && code <= zero + 9 && at < start + 5; code = bytes[++at] ?? 0) value = value * 10 + code - zero
    if (code !== end || at === start || value > most || ((bytes[start] ?? 0) < one && at > start + 1)) return false
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
}

/** Of 0/8, 127/8, 169/8, 224/3: some host may have it or not, which is decided elsewhere. */
const isSpecialSource = (address: number): boolean => {
  const first = address >>> 24
  return first === 0 || first === 127 || first === 169 || first >= 224
}
