import { describe, expect, it } from "vitest"
import { NameTable } from "../../src/capture/NameTable.ts"
import { RecordSplitter, type Records } from "../../src/capture/RecordSplitter.ts"
import { captureOf } from "../support/captures/CaptureInMemory.ts"
import { freebsdHeader } from "../support/captures/PflogHeader.ts"
import { type FloodOrigin, flood } from "../support/captures/scenarios/Flood.ts"

const recordsOf = (packets: number, sources: number, origin: FloodOrigin): Records => {
  const { bytes } = captureOf(flood(freebsdHeader, packets, sources, origin), {
    byteOrder: "little",
    precision: "micro"
  })
  const intake = new RecordSplitter().push(bytes)
  if (intake._tag !== "Records" || intake.records === undefined) throw new Error("the capture has no records")
  return intake.records
}

const tableOf = (packets: number, sources: number, origin: FloodOrigin): NameTable => {
  const names = new NameTable()
  const records = recordsOf(packets, sources, origin)
  const length = records.bytes.length / records.count
  for (let at = 0; at < records.bytes.length; at += length) names.addRecord(records.bytes, at + 16, at + length)
  return names
}

describe("NameTable", () => {
  it("counts addresses once, however often they come", () => {
    // The destination is one of them.
    expect(tableOf(5000, 100, "everywhere").size).toBe(101)
  })

  it.each([
    ["everywhere", 16_000, [true, false, false]],
    ["everywhere", 17_000, [false, false, false]],
    ["everywhere", 80_000, [false, true, true]],
    ["network", 2700, [true, false, false]],
    ["network", 2900, [false, false, false]],
    ["network", 11_800, [false, true, true]],
    ["neighbours", 690, [true, false, false]],
    ["neighbours", 720, [false, false, false]],
    ["neighbours", 2150, [false, true, false]],
    ["neighbours", 2810, [false, true, true]]
  ] as const)(
    "weighs sources of a flood by the chains that tcpdump puts them in: %s, %i",
    (origin, sources, weight) => {
      const names = tableOf(sources, sources, origin)
      expect([names.isLight, names.isNearlyFull, names.isFull]).toEqual(weight)
    }
  )

  it("is empty when it is cleared", () => {
    const names = tableOf(5000, 5000, "neighbours")
    names.clear()
    expect([names.size, names.load, names.isLight]).toEqual([0, 0, true])
  })
})
