import { type Figure, figure, median } from "./Figure.ts"
import { floodSubject } from "./Subject.ts"
import type { Workshop } from "./Workshop.ts"

/** CPU per line as the lines get more, without what starting and stopping costs. */
export const measureGrowth = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const sizes = workshop.quick ? [10_000, 100_000, 1_000_000] : [10_000, 100_000, 1_000_000, 10_000_000]
  const totals = new Map<number, Array<number>>([1, ...sizes].map((lines) => [lines, []]))
  for (let run = 1; run <= workshop.runs; run++) {
    for (const [lines, runs] of totals) {
      workshop.say(`growth, run ${run} of ${workshop.runs}: ${lines} lines`)
      runs.push((await floodSubject(workshop, lines)).cpuMicros)
    }
  }
  const startUp = median(totals.get(1) ?? [])
  const perLine = (lines: number): ReadonlyArray<number> =>
    (totals.get(lines) ?? []).map((cpuMicros) => (cpuMicros - startUp) / lines)
  const group = "Growth: CPU per line without start-up"
  const largest = Math.max(...sizes)
  return sizes.map((lines) =>
    figure({
      group,
      name: `${lines} lines`,
      unit: "µs",
      ours: perLine(lines),
      ...(lines === largest ? { yardstick: { name: "100000 lines", runs: perLine(100_000) }, limit: 1.1 } : {})
    })
  )
}
