/**
 * A number that stands for two others and a seed; who doesn't know the seed can't choose two that collide. All have 32 bits and a
 * sign, since V8 keeps such numbers without an object of their own.
 */
export const hash = (first: number, second: number, seed: number): number => {
  let value = Math.imul(first ^ seed, 0x9e37_79b1)
  value = Math.imul(value ^ (value >>> 15) ^ second, 0x85eb_ca6b)
  value = Math.imul(value ^ (value >>> 13) ^ seed, 0xc2b2_ae35)
  return value ^ (value >>> 16)
}
