import type { PfHead } from "./PfHead.ts"

/** A head that was read before, and its bytes from `rule` up to and with the `: ` behind the interface. */
export interface KnownHead {
  readonly bytes: Uint8Array
  readonly head: PfHead
}

/** How many rules' heads are remembered, and how many of each: one rule logs on several interfaces, one anchor has rules. */
const rememberedRules = 1024
const rememberedHeads = 8

/** Where the number of the rule begins, behind `rule `. */
const numberAt = 5

/**
 * Remembers heads by their bytes: those of the packets that one rule logs are alike, and what a head says depends on nothing
 * but its own text, so one that was read before needs no reading.
 */
export class KnownHeads {
  private last: KnownHead | undefined
  private readonly byRule = new Map<number, Array<KnownHead>>()

  /** The head that stands at a place of a line, if it is known. */
  find(bytes: Uint8Array, at: number, end: number): KnownHead | undefined {
    if (this.last !== undefined && standsAt(this.last, bytes, at, end)) return this.last
    const known = this.byRule.get(ruleAt(bytes, at))?.find((candidate) => standsAt(candidate, bytes, at, end))
    if (known !== undefined) this.last = known
    return known
  }

  /** Remembers a head that was read off `bytes`, from `start` to `end`. */
  remember(head: PfHead, bytes: Uint8Array, start: number, end: number): void {
    const rule = ruleAt(bytes, start)
    const heads = this.byRule.get(rule) ?? []
    if (heads.length >= rememberedHeads || heads.some((known) => known.head === head)) return
    if (heads.length === 0 && this.byRule.size >= rememberedRules) this.byRule.clear()
    // A copy: the bytes are used again for the next chunk, and `slice` of a Buffer would share them.
    heads.push({ bytes: new Uint8Array(bytes.subarray(start, end)), head })
    this.byRule.set(rule, heads)
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
