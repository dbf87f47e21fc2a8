/** One measured quantity, ours beside a yardstick where there is one. */
export interface Figure {
  readonly group: string
  readonly name: string
  readonly unit: string
  /** The median of our runs. */
  readonly ours: number
  /** Every run of ours, in the order of measuring. */
  readonly runs: ReadonlyArray<number>
  readonly yardstick: { readonly name: string; readonly median: number } | undefined
  /** The median of ours over yardstick, run by run: what differs between machines and moments falls out. */
  readonly ratio: number | undefined
  /** What the ratio, or ours where there is no yardstick, must not exceed. */
  readonly limit: number | undefined
  readonly met: boolean | undefined
}

/** The middle of some numbers; the mean of the two in the middle where their count is even. */
export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

/** The value below which that share of the numbers lies, interpolated between neighbours. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = [...values].sort((one, other) => one - other)
  const position = (sorted.length - 1) * share
  const low = sorted[Math.floor(position)] ?? Number.NaN
  const high = sorted[Math.ceil(position)] ?? Number.NaN
  return low + (high - low) * (position - Math.floor(position))
}

/** Sums runs up to a figure; the n-th run of the yardstick was taken beside the n-th of ours. */
export const figure = (measured: {
  readonly group: string
  readonly name: string
  readonly unit: string
  readonly ours: ReadonlyArray<number>
  readonly yardstick?: { readonly name: string; readonly runs: ReadonlyArray<number> }
  readonly limit?: number
}): Figure => {
  const { group, limit, name, ours, unit, yardstick } = measured
  const ratio =
    yardstick === undefined
      ? undefined
      : median(ours.map((value, index) => value / (yardstick.runs[index] ?? Number.NaN)))
  return {
    group,
    name,
    unit,
    ours: median(ours),
    runs: ours,
    yardstick: yardstick === undefined ? undefined : { name: yardstick.name, median: median(yardstick.runs) },
    ratio,
    limit,
    met: limit === undefined ? undefined : (ratio ?? median(ours)) <= limit
  }
}
