import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { findFault } from "../../support/fuzz/Oracle.ts"

const corpus = readFileSync("test/fixtures/fuzz/lines.jsonl", "utf8").trimEnd().split("\n")

describe("the lines that fuzzing has kept", () => {
  it("are decoded and written without a fault", () => {
    const faults = corpus.map((line) => ({ line, fault: findFault(String(JSON.parse(line))) }))
    expect(faults.filter(({ fault }) => fault !== undefined)).toEqual([])
    expect(corpus.length).toBeGreaterThan(100)
  })
})
