/** A number as people write it: `12,345`. */
export const grouped = (value: number): string => value.toLocaleString("en-US")

/** A number with its noun: `1 packet`, `12,345 packets`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`
