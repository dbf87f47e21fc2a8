/** How many words an item takes: its two numbers, and when it was last seen (0 for none). */
export const itemWords = 3

/**
 * Marks a pair of numbers as seen now in a set of the `size` most recently seen pairs, which lies in `words` at `at`. A new
 * pair takes the place of the one that was seen longest ago.
 *
 * Whether `size` different pairs were seen since some moment can be told from these alone, however many there were.
 */
export const touch = (
  words: Int32Array,
  at: number,
  size: number,
  first: number,
  second: number,
  now: number
): void => {
  let oldest = at
  let oldestTime = words[at + 2] ?? 0
  const end = at + size * itemWords
  for (let item = at; item < end; item += itemWords) {
    const time = words[item + 2] ?? 0
    if (words[item] === first && words[item + 1] === second && time !== 0) {
      words[item + 2] = now
      return
    }
    if (time < oldestTime) {
      oldest = item
      oldestTime = time
    }
  }
  words[oldest] = first
  words[oldest + 1] = second
  words[oldest + 2] = now
}

/** Whether the set still needs no more room than it has: the pair is in it, or an item of it has not been seen since `horizon`. */
export const fits = (
  words: Int32Array,
  at: number,
  size: number,
  first: number,
  second: number,
  horizon: number
): boolean => {
  const end = at + size * itemWords
  let hasRoom = false
  for (let item = at; item < end; item += itemWords) {
    const time = words[item + 2] ?? 0
    if (time <= horizon) hasRoom = true
    else if (words[item] === first && words[item + 1] === second) return true
  }
  return hasRoom
}

/** How many items of the set were seen after `horizon`. */
export const countSince = (words: Int32Array, at: number, size: number, horizon: number): number => {
  let count = 0
  const end = at + size * itemWords
  for (let item = at; item < end; item += itemWords) if ((words[item + 2] ?? 0) > horizon) count += 1
  return count
}

/** When the set's latest item was seen; 0 where it is empty. */
export const latest = (words: Int32Array, at: number, size: number): number => {
  let time = 0
  const end = at + size * itemWords
  for (let item = at; item < end; item += itemWords) time = Math.max(time, words[item + 2] ?? 0)
  return time
}
