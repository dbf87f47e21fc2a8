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

/**
 * For each source that builds up a scan there is room for so many newcomers: one group, in which each lives until as many others have
 * come. In a flood of a million forged sources within 10 s, groups of 16 miss one scan of 12,000 (by Poisson's distribution), groups
 * of 24 one of 17 million.
 */
const newWays = 24

/** In front of a source's sets: the second half of its hash, and when it was told; of a newcomer's only the first half. */
const headWords = 2
const newHeadWords = 1

/**
 * The targets that each source has tried of late, in memory that never grows.
 *
 * Sources live in two parts. A *newcomer* has tried one or two targets: the newest newcomer takes the place of the one that came
 * first, so a flood of forged sources with a packet or two each drives out nothing but newcomers, of which there are 24 times
 * `sources`. With its third target a source moves to those that *build up a scan*. There, where all places are taken, the one goes
 * first whose targets are too old to count, then one that was told already, then the one with the fewest targets, and of equals
 * the one that was silent for the longest time.
 *
 * Memory: 12 bytes, and 12 for each target (with members: and each member), for each of `sources`; 29 (with members 53) for each
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
  /** One byte of each newcomer's hash, never 0: so few stay in the processor's cache, where whole words do not. */
  private readonly newTags: Uint8Array
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
    this.newStride = newHeadWords + itemWords * (fewTargets + this.fewMembers)
    this.tags = new Int32Array(limits.sources)
    this.words = new Int32Array(limits.sources * this.stride)
    this.newTags = new Uint8Array(limits.sources * newWays)
    this.newWords = new Int32Array(this.newTags.length * this.newStride)
    this.hands = new Uint8Array(limits.sources)
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
    const { words, newWords, stride, newStride } = this
    for (let record = 0; record < words.length; record += stride) {
      words[record + 1] = Math.max(0, (words[record + 1] ?? 0) - by)
      shiftItems(words, record + headWords, record + stride, by)
    }
    for (let record = 0; record < newWords.length; record += newStride)
      shiftItems(newWords, record + newHeadWords, record + newStride, by)
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
    for (let place = first; place < first + ways; place++) {
      if (tags[place] === tag && words[place * stride] === check) return place * stride
      // Places are taken in order, and never given up.
      if (tags[place] === 0) break
    }
    return this.welcome(tag, check, port, address, member, now)
  }

  /** Takes a newcomer's probe; with more targets, or members, than a newcomer has it moves. */
  private welcome(tag: number, check: number, port: number, address: number, member: number, now: number): number {
    const { newTags, newWords, newStride, hands, fewMembers } = this
    const group = check & (hands.length - 1)
    const first = group * newWays
    const short = shortTag(check)
    let place = first
    while (place < first + newWays && !(newTags[place] === short && newWords[place * newStride] === tag)) place++
    if (place === first + newWays) {
      const hand = hands[group] ?? 0
      hands[group] = (hand + 1) % newWays
      this.settle(first + hand, tag, check, port, address, member, now)
      return -1
    }
    const record = place * newStride
    const targetsAt = record + newHeadWords
    const membersAt = targetsAt + itemWords * fewTargets
    const horizon = now - this.limits.within
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

  /** Gives a newcomer's place to another one, with its first probe. */
  private settle(
    place: number,
    tag: number,
    check: number,
    port: number,
    address: number,
    member: number,
    now: number
  ): void {
    const { newTags, newWords, newStride, fewMembers } = this
    const record = place * newStride
    const targetsAt = record + newHeadWords
    if (newTags[place] !== 0 && latest(newWords, targetsAt, fewTargets) > now - this.limits.within) this.forgotten += 1
    newTags[place] = shortTag(check)
    newWords[record] = tag
    // Word by word: `fill` takes as long as all else here.
    for (let word = targetsAt; word < record + newStride; word++) newWords[word] = 0
    touch(newWords, targetsAt, 1, port, address, now)
    if (fewMembers > 0) touch(newWords, targetsAt + itemWords * fewTargets, 1, member, 0, now)
  }

  /** Moves a newcomer to those that build up a scan, with what it has tried. */
  private promote(newcomer: number, tag: number, check: number, now: number): number {
    const { words, newWords, stride, fewMembers } = this
    const place = this.placeFor(check, now)
    const record = place * stride
    words.fill(0, record, record + stride)
    words[record] = check
    this.tags[place] = tag
    const targetsAt = newcomer + newHeadWords
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
}

/** The first byte of a hash, and never 0. */
const shortTag = (check: number): number => check >>> 24 || 1

/** Moves the times of the items between two places back. */
const shiftItems = (words: Int32Array, from: number, to: number, by: number): void => {
  for (let item = from; item < to; item += itemWords) words[item + 2] = Math.max(0, (words[item + 2] ?? 0) - by)
}
