import { describe, expect, it } from "vitest"
import { figure, median, quantile } from "../../scripts/benchmarks/Figure.ts"
import { renderTable } from "../../scripts/benchmarks/Table.ts"

describe("a figure of the benchmark", () => {
  it("takes the middle run, and the mean of two middle ones", () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(quantile([1, 2, 3, 4, 5], 1)).toBe(5)
  })

  it("compares run by run, so that a slow moment of the machine falls out", () => {
    const compared = figure({
      group: "g",
      name: "n",
      unit: "µs",
      ours: [1, 10, 1],
      yardstick: { name: "y", runs: [10, 100, 10] },
      limit: 0.2
    })
    expect(compared.ratio).toBeCloseTo(0.1)
    expect(compared.met).toBe(true)
  })

  it("holds the value itself against its limit where there is no yardstick", () => {
    expect(figure({ group: "g", name: "n", unit: "MiB", ours: [111, 112], limit: 110 }).met).toBe(false)
    expect(figure({ group: "g", name: "n", unit: "MiB", ours: [111] }).met).toBeUndefined()
  })

  it("stands in the table under its group, with its limit and whether that is met", () => {
    const table = renderTable([
      figure({ group: "Memory", name: "idle", unit: "MiB", ours: [50] }),
      figure({ group: "Memory", name: "peak", unit: "MiB", ours: [120], limit: 110 })
    ])
    expect(table.split("\n").filter((line) => line === "Memory")).toHaveLength(1)
    expect(table).toMatch(/peak +120 MiB.* 110 +NOT MET/)
  })
})
