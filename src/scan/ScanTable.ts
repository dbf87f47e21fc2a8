import { hash } from "./Hash.ts"
import { countSince, fits, itemWords, latest, touch } from "./RecentSet.ts"

/** What a table counts, and when it is enough. Times are in milliseconds. */
export interface ScanLimits {
  /** So many different targets make a scan; at least 3. */
  readonly targets: number
  /** And so many different members (hosts of a network); 0 where they are not counted. */
  readonly members: number
  /** Within this time. */
  readonly within: number
  /** How long the same source is not told again. */
  readonly remind: number
  /** How many sources are kept that build up a scan; a power of two, at least 16. */
  readonly sources: number
}

/** How many places a hash leads to: sixteen tags are one line of the processor's cache. */
const ways = 16

/** A newcomer has tried so many targets at most, and so many members. */
const fewTargets = 2

/** For each source that builds up a scan there is room for so many newcomers. */
const newcomersPerSource = 16

/** In front of a source's sets: the second half of its hash, and when it was told. */
const headWords = 2

/**
 * The targets that each source has tried of late, in memory that never grows.
 *
 * Sources live in two parts. A *newcomer* has tried one or two targets: the newest newcomer takes the place of the one that came
 * first, so a flood of forged sources with a packet or two each drives out nothing but newcomers, of which there are 16 times
 * `sources`. With its third target a source moves to those that *build up a scan*. There, where all places are taken, the one goes
 * first whose targets are too old to count, then one that was told already, then the one with the fewest targets, and of equals
 * the one that was silent for the longest time.
 *
 * Memory: 4 bytes and 12 for each target (with members: and each member) for each of `sources`, and 32 (with members 56) for each
 * newcomer.
 */
export class ScanTable {
  /** How many sources were dropped to make room while they still counted. */
  forgotten = 0
  private readonly limits: ScanLimits
  private readonly seed: number
  private readonly tags: Int32Array
  private readonly words: Int32Array
  private readonly stride: number
  private readonly newTags: Int32Array
  private readonly newWords: Int32Array
  private readonly newStride: number
  private readonly fewMembers: number
  /** Of each group of newcomers: which place is taken next. */
  private readonly hands: Uint8Array

  /** @param seed a number of 32 bits that no sender knows */
  constructor(limits: ScanLimits, seed: number) {
    this.limits = limits
    this.seed = seed
    this.fewMembers = limits.members === 0 ? 0 : fewTargets
    this.stride = headWords + itemWords * (limits.targets + limits.members)
    this.newStride = headWords + itemWords * (fewTargets + this.fewMembers)
    this.tags = new Int32Array(limits.sources)
    this.words = new Int32Array(limits.sources * this.stride)
    this.newTags = new Int32Array(limits.sources * newcomersPerSource)
    this.newWords = new Int32Array(this.newTags.length * this.newStride)
    this.hands = new Uint8Array(this.newTags.length / ways)
  }

  /**
   * Takes a probe of a source, whose name is 64 bits, as are its target's. `now` never goes back, is above `within`, and below
   * 2^31.
   *
   * @returns where the source's targets lie if it is to be told as a scan now; -1 otherwise
   */
  add(high: number, low: number, port: number, address: number, member: number, now: number): number {
    const { targets, members, within, remind } = this.limits
    const tag = hash(high, low, this.seed) | 1
    const check = hash(low, high, ~this.seed)
    const horizon = now - within
    const record = this.recordOf(tag, check, port, address, member, now)
    if (record < 0) return -1
    const { words } = this
    const targetsAt = record + headWords
    touch(words, targetsAt, targets, port, address, now)
    const membersAt = targetsAt + itemWords * targets
    if (members > 0) touch(words, membersAt, members, member, 0, now)
    const told = words[record + 1] ?? 0
    if (told !== 0 && now - told < remind) return -1
    if (countSince(words, targetsAt, targets, horizon) < targets) return -1
    if (countSince(words, membersAt, members, horizon) < members) return -1
    words[record + 1] = now
    return targetsAt
  }

  /** The targets at a place that `add` has returned, with the time of each, as they lie there. */
  targetsAt(place: number): Int32Array {
    return this.words.subarray(place, place + itemWords * this.limits.targets)
  }

  /** Moves all times back, so that the clock can go on within its 31 bits. */
  shift(by: number): void {
    this.shiftWords(this.words, this.stride, by)
    this.shiftWords(this.newWords, this.newStride, by)
  }

  /** Forgets all. */
  clear(): void {
    this.tags.fill(0)
    this.newTags.fill(0)
  }

  /** Where the source lies among those that build up a scan; -1 while it is a newcomer. */
  private recordOf(tag: number, check: number, port: number, address: number, member: number, now: number): number {
    const { tags, words, stride } = this
    const first = (check & (tags.length / ways - 1)) * ways
    for (let place = first; place < first + ways; place++)
      if (tags[place] === tag && words[place * stride] === check) return place * stride
    return this.welcome(tag, check, port, address, member, now)
  }

  /** Takes a newcomer's probe; with more targets, or members, than a newcomer has it moves. */
  private welcome(tag: number, check: number, port: number, address: number, member: number, now: number): number {
    const { newTags, newWords, newStride, hands } = this
    const group = check & (hands.length - 1)
    const first = group * ways
    let place = first
    while (place < first + ways && !(newTags[place] === tag && newWords[place * newStride] === check)) place++
    const horizon = now - this.limits.within
    if (place === first + ways) {
      place = first + (hands[group] ?? 0)
      hands[group] = ((hands[group] ?? 0) + 1) % ways
      this.settle(place, tag, check, horizon)
    }
    const record = place * newStride
    const targetsAt = record + headWords
    const membersAt = targetsAt + itemWords * fewTargets
    const { fewMembers } = this
    if (
      !fits(newWords, targetsAt, fewTargets, port, address, horizon) ||
      (fewMembers > 0 && !fits(newWords, membersAt, fewMembers, member, 0, horizon))
    ) {
      newTags[place] = 0
      return this.promote(record, tag, check, now)
    }
    touch(newWords, targetsAt, fewTargets, port, address, now)
    if (fewMembers > 0) touch(newWords, membersAt, fewMembers, member, 0, now)
    return -1
  }

  /** Gives a newcomer's place to another one. */
  private settle(place: number, tag: number, check: number, horizon: number): void {
    const { newTags, newWords, newStride } = this
    const record = place * newStride
    if (newTags[place] !== 0 && latest(newWords, record + headWords, fewTargets) > horizon) this.forgotten += 1
    newWords.fill(0, record, record + newStride)
    newWords[record] = check
    newTags[place] = tag
  }

  /** Moves a newcomer to those that build up a scan, with what it has tried. */
  private promote(newcomer: number, tag: number, check: number, now: number): number {
    const { words, newWords, stride, fewMembers } = this
    const place = this.placeFor(check, now)
    const record = place * stride
    words.fill(0, record, record + stride)
    words[record] = check
    this.tags[place] = tag
    const targetsAt = newcomer + headWords
    const membersAt = targetsAt + itemWords * fewTargets
    words.set(newWords.subarray(targetsAt, membersAt), record + headWords)
    const members = newWords.subarray(membersAt, membersAt + itemWords * fewMembers)
    words.set(members, record + headWords + itemWords * this.limits.targets)
    return record
  }

  /** A free place among those that build up a scan, or the one that is missed the least. */
  private placeFor(check: number, now: number): number {
    const { tags, words, stride } = this
    const { targets, within, remind } = this.limits
    const first = (check & (tags.length / ways - 1)) * ways
    let best = first
    let bestWorth = Number.POSITIVE_INFINITY
    let bestTime = 0
    for (let place = first; place < first + ways; place++) {
      if (tags[place] === 0) return place
      const record = place * stride
      const told = words[record + 1] ?? 0
      const count = countSince(words, record + headWords, targets, now - within)
      const isTold = told !== 0 && now - told < remind
      const worth = isTold ? Math.min(count, 1) : count
      const time = latest(words, record + headWords, targets)
      if (worth < bestWorth || (worth === bestWorth && time < bestTime)) {
        best = place
        bestWorth = worth
        bestTime = time
      }
    }
    if (bestWorth > 0) this.forgotten += 1
    return best
  }

  private shiftWords(words: Int32Array, stride: number, by: number): void {
    const earlier = (at: number) => {
      words[at] = Math.max(0, (words[at] ?? 0) - by)
    }
    for (let record = 0; record < words.length; record += stride) {
      earlier(record + 1)
      for (let item = record + headWords; item < record + stride; item += itemWords) earlier(item + 2)
    }
  }
}
