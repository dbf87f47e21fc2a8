/** A stream of numbers that look random and are the same for the same seed, on any machine. */
export interface Random {
  /** A whole number from 0 up to, but not including, `limit`. */
  readonly below: (limit: number) => number
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number
  /** `true` once in `times` calls on average. */
  readonly oneIn: (times: number) => boolean
  /** One of the choices, each as likely as another. */
  readonly pick: <Choice>(choices: readonly [Choice, ...ReadonlyArray<Choice>]) => Choice
  /** So many bytes, each value as likely as another. */
  readonly bytes: (count: number) => Uint8Array
}

/**
 * Makes the numbers of one seed: the generator `sfc32`, whose 128 bits of state are the seed and three constants.
 *
 * @see https://pracrand.sourceforge.net/RNG_engines.txt
 */
export const makeRandom = (seed: number): Random => {
  let a = seed >>> 0
  let b = 0x9e3779b9
  let c = 0x243f6a88
  let counter = 1

  const next = (): number => {
    const result = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + result) >>> 0
    return result
  }
  // The first results still show the seed: the generator's author lets 12 pass.
  for (let round = 0; round < 12; round++) next()

  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit)
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    oneIn: (times) => below(times) === 0,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
    bytes: (count) => {
      const bytes = new Uint8Array(count)
      for (let at = 0; at < count; at++) bytes[at] = below(256)
      return bytes
    }
  }
}
