import { describe, expect, it } from "vitest"
import { nearest } from "../../src/config/Nearest.ts"

const known = ["log.file", "log.mode", "log.format", "restart.max_delay"]

describe("nearest", () => {
  it.each([
    ["log.flie", "log.file"],
    ["log.modes", "log.mode"],
    ["log.formt", "log.format"],
    ["restart.maxdelay", "restart.max_delay"],
    ["log.file", "log.file"]
  ])("finds what %s means", (name, meant) => {
    expect(nearest(name, known)).toBe(meant)
  })

  it("finds nothing where all are too far off, or where nothing is known", () => {
    expect(nearest("completely.different", known)).toBe(undefined)
    expect(nearest("log.file", [])).toBe(undefined)
  })
})
