import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LineWriter } from "../../src/format/LineWriter.ts"
import { makeLocalStamp, makeUtcStamp, StampWriter } from "../../src/format/Rfc3339.ts"

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

describe("StampWriter", () => {
  it("writes what the stamp of each time is, whatever came before", () => {
    for (const stamp of [makeLocalStamp(), makeUtcStamp()]) {
      const writer = new StampWriter(stamp)
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 4_000_000_000_000_000 })), (times) => {
          const lines = new LineWriter()
          const room = Buffer.alloc(64)
          for (const time of times.flatMap((micros) => [micros, micros + 1, micros - (micros % 1_000_000)])) {
            lines.restart(room, 64)
            writer.write(Math.floor(time / 1_000_000), time % 1_000_000, lines)
            expect(lines.written().toString("latin1")).toBe(stamp(time))
          }
        })
      )
    }
  })
})
