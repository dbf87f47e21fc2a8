import type { Amount } from "./Report.ts"

/**
 * A number of 53 bits that stands for a text: two texts out of a million share one with a probability below 0.01 %. The seed
 * differs from run to run, so that nobody can choose texts that meet.
 */
export const fingerprint = (text: string, seed: number): number => {
  let high = seed ^ 0x9e3779b9
  let low = Math.imul(seed, 0x85ebca6b) ^ text.length
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 0x5bd1e995)
    low = Math.imul(low ^ code, 0x01000193)
    low ^= low >>> 15
  }
  high = Math.imul(high ^ (high >>> 16) ^ low, 0x85ebca6b)
  low = Math.imul(low ^ (low >>> 13) ^ high, 0xc2b2ae35)
  // 0 stands for an empty place in the tables that hold these numbers.
  return ((high ^ (high >>> 13)) & 0x1fffff) * 0x1_0000_0000 + ((low ^ (low >>> 16)) >>> 0) + 1
}

/** What a source did: any packet, one that was blocked on its way in, one that passed. */
export const Did = { anything: 0, blocked: 1, passed: 2 } as const

/** One of these. */
export type Did = (typeof Did)[keyof typeof Did]

/** Counts the different fingerprints of each kind: exactly up to a limit, 18 bytes each, a lower bound beyond. */
export class DistinctCount {
  private places = new Float64Array(1024)
  private marks = new Uint8Array(1024)
  private count = 0
  private isFull = false
  private readonly limit: number
  private readonly counts: [number, number, number] = [0, 0, 0]

  constructor(limit: number) {
    this.limit = limit
  }

  amountOf(did: Did): Amount {
    return { count: this.counts[did], exact: !this.isFull }
  }

  /** Whether a fingerprint was added as that, unless the limit left it out. */
  has(value: number, did: Did): boolean {
    return ((this.marks[this.placeOf(value)] ?? 0) & (1 << did)) !== 0
  }

  add(value: number, did: Did): void {
    const place = this.placeOf(value)
    if (this.places[place] !== value) {
      if (this.count >= this.limit) {
        this.isFull = true
        return
      }
      this.places[place] = value
      this.count += 1
    }
    const marks = this.marks[place] ?? 0
    if ((marks & (1 << did)) === 0) {
      this.marks[place] = marks | (1 << did)
      this.counts[did] += 1
    }
    if (this.count * 2 > this.places.length) this.grow()
  }

  private placeOf(value: number): number {
    const mask = this.places.length - 1
    let place = value & mask
    for (;;) {
      const found = this.places[place]
      if (found === 0 || found === value) return place
      place = (place + 1) & mask
    }
  }

  private grow(): void {
    const { places, marks } = this
    this.places = new Float64Array(places.length * 2)
    this.marks = new Uint8Array(places.length * 2)
    for (const [index, value] of places.entries()) {
      if (value === 0) continue
      const place = this.placeOf(value)
      this.places[place] = value
      this.marks[place] = marks[index] ?? 0
    }
  }
}
