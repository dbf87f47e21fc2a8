import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Output } from "../../src/format/Output.ts"
import { makeLocalStamp, makeUtcStamp, StampWriter } from "../../src/format/Rfc3339.ts"

describe("Output", () => {
  it("keeps the order of text, bytes and copies, whatever their lengths and wherever they come from", () => {
    const part = fc.record({ length: fc.nat(200_000), kind: fc.constantFrom("text", "own", "foreign", "byte") })
    fc.assert(
      fc.property(fc.nat(200_000), fc.array(part, { maxLength: 12 }), (chunkLength, parts) => {
        const output = new Output()
        const chunk = Buffer.alloc(chunkLength, "chunk of bytes ")
        const { buffer, byteOffset } = output.load(chunk)
        const loaded = Buffer.from(buffer, byteOffset, chunkLength)
        let expected = ""
        for (const { kind, length } of parts) {
          const text = "foreign or text ".repeat(Math.ceil(length / 16)).slice(0, length)
          if (kind === "text") output.text(text)
          else if (kind === "byte") output.byte(0x2e)
          else if (kind === "foreign") output.copy(Buffer.from(text), 0, length)
          else output.copy(loaded, 0, Math.min(length, chunkLength))
          expected +=
            kind === "byte" ? "." : kind === "own" ? chunk.toString("latin1", 0, Math.min(length, chunkLength)) : text
        }
        expect(output.take().toString("latin1") === expected).toBe(true)
      }),
      { numRuns: 60 }
    )
  })

  it("forgets what was written when the next chunk is loaded", () => {
    const output = new Output()
    output.text("one")
    output.load(Buffer.from("chunk"))
    output.text("two")
    expect(output.take().toString()).toBe("two")
  })
})

describe("StampWriter", () => {
  it("writes what the stamp of each time is, whatever came before", () => {
    for (const stamp of [makeLocalStamp(), makeUtcStamp()]) {
      const writer = new StampWriter(stamp)
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 4_000_000_000_000_000 })), (times) => {
          const output = new Output()
          for (const time of times.flatMap((micros) => [micros, micros + 1, micros - (micros % 1_000_000)])) {
            output.load(new Uint8Array())
            writer.write(Math.floor(time / 1_000_000), time % 1_000_000, output)
            expect(output.take().toString("latin1")).toBe(stamp(time))
          }
        })
      )
    }
  })
})
