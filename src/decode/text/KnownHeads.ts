import { Cursor } from "./Cursor.ts"
import { type PfHead, readPfHead } from "./PfHead.ts"

/** A head that was read before, and its bytes from `rule` up to and with the `: ` behind the interface. */
export interface KnownHead {
  readonly head: PfHead
  readonly bytes: Uint8Array
}

/** How many heads are remembered: some for each rule and interface that log. */
const rememberedHeads = 2048

/** How many heads of one rule are found by their bytes: a rule logs on several interfaces, an anchor has rules. */
const comparedOfRule = 8

/** After so many heads that found no room, other rules log than did: all are forgotten. To remember a head costs, too. */
const forgetAfter = 16 * rememberedHeads

/** The longest head that is remembered, in characters: one with a name of printable characters is half as long. */
const longestRemembered = 200

/** Where the number of the rule begins, behind `rule `. */
const numberAt = 5

/**
 * Reads heads and remembers them: packets that one rule logs have the same head, and what a head says depends on nothing but
 * its own text, so a text that was read before is not read again. A flood's heads are found by their bytes, in a tenth of a
 * microsecond and without a string; others by their text.
 */
export class KnownHeads {
  private last: KnownHead | undefined
  private readonly byRule = new Map<number, Array<KnownHead>>()
  private readonly byText = new Map<string, KnownHead>()
  private readonly cursor = new Cursor()
  private withoutRoom = 0

  /** The head that stands at a place in the bytes of a line; `undefined` where it is not found by them. */
  find(bytes: Uint8Array, at: number, end: number): KnownHead | undefined {
    if (this.last !== undefined && standsAt(this.last, bytes, at, end)) return this.last
    const known = this.byRule.get(ruleAt(bytes, at))?.find((candidate) => standsAt(candidate, bytes, at, end))
    if (known !== undefined) this.last = known
    return known
  }

  /** Takes the head of a line, from `rule` on. */
  read(cursor: Cursor): PfHead | undefined {
    const { text, at: start } = cursor
    if (!text.startsWith("rule ", start)) return undefined
    const end = text.indexOf(": ", text.indexOf(" on ", start)) + 2
    const likely = end > start && end - start <= longestRemembered ? text.substring(start, end) : ""
    const known = this.byText.get(likely)
    if (known !== undefined) {
      cursor.at = end
      return known.head
    }
    const head = readPfHead(cursor)
    if (head !== undefined && cursor.at === end && likely !== "") this.remember(likely)
    return head
  }

  private remember(found: string): void {
    if (this.byText.size >= rememberedHeads) {
      this.withoutRoom += 1
      if (this.withoutRoom >= forgetAfter) this.forgetAll()
      return
    }
    // Read again from a copy: a string that is cut from a line would keep the whole line in memory.
    const bytes = Buffer.from(found, "latin1")
    const text = bytes.toString("latin1")
    this.cursor.reset(text, 0, text.length)
    const head = readPfHead(this.cursor)
    if (head === undefined) return
    const known = { head, bytes: new Uint8Array(bytes) }
    this.byText.set(text, known)
    const rule = ruleAt(bytes, 0)
    const ofRule = this.byRule.get(rule) ?? []
    if (ofRule.length < comparedOfRule) this.byRule.set(rule, [...ofRule, known])
  }

  private forgetAll(): void {
    this.byText.clear()
    this.byRule.clear()
    this.withoutRoom = 0
  }
}

const standsAt = ({ bytes: known }: KnownHead, bytes: Uint8Array, at: number, end: number): boolean => {
  const length = known.length
  if (end - at < length) return false
  // Heads of one rule differ near their ends rather than near their starts.
  for (let index = length - 1; index >= 0; index--) if (bytes[at + index] !== known[index]) return false
  return true
}

/** The digits behind `rule ` as a number; some other number where there are none. */
const ruleAt = (bytes: Uint8Array, at: number): number => {
  let value = 1
  for (let index = at + numberAt; index < at + numberAt + 10; index++) {
    const digit = (bytes[index] ?? 0) - 0x30
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
  }
  return value
}
