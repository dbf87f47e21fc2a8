import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeUtcStamp } from "../../src/format/Rfc3339.ts"

/** Any microsecond of the years 1970 to 9999. */
const anyTime = fc
  .integer({ min: 0, max: 253_402_300_799 })
  .chain((seconds) => fc.integer({ min: 0, max: 999_999 }).map((micros) => ({ seconds, micros })))

describe("makeUtcStamp", () => {
  it("writes what Date does, with microseconds, in whatever order times come", () => {
    const stamp = makeUtcStamp()
    fc.assert(
      fc.property(anyTime, ({ seconds, micros }) => {
        const expected = new Date(seconds * 1000).toISOString().replace(".000Z", `.${String(micros).padStart(6, "0")}Z`)
        fc.pre(seconds < 9_007_199_254)
        expect(stamp(seconds * 1_000_000 + micros)).toBe(expected)
      })
    )
  })
})
