import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ChunkMemory } from "../../src/run/ChunkMemory.ts"

describe("ChunkMemory", () => {
  it("keeps the order of text, bytes and copies, whatever their lengths and wherever they come from", () => {
    const part = fc.record({ length: fc.nat(200_000), kind: fc.constantFrom("text", "own", "foreign", "byte") })
    fc.assert(
      fc.property(fc.nat(200_000), fc.array(part, { maxLength: 12 }), (chunkLength, parts) => {
        const memory = new ChunkMemory()
        const { lines } = memory
        const chunk = Buffer.alloc(chunkLength, "chunk of bytes ")
        const { buffer, byteOffset } = memory.load(chunk)
        const loaded = Buffer.from(buffer, byteOffset, chunkLength)
        let expected = ""
        for (const { kind, length } of parts) {
          const text = "foreign or text ".repeat(Math.ceil(length / 16)).slice(0, length)
          if (kind === "text") lines.text(text)
          else if (kind === "byte") lines.byte(0x2e)
          else if (kind === "foreign") lines.copy(Buffer.from(text), 0, length)
          else lines.copy(loaded, 0, Math.min(length, chunkLength))
          expected +=
            kind === "byte" ? "." : kind === "own" ? chunk.toString("latin1", 0, Math.min(length, chunkLength)) : text
        }
        expect(lines.written().toString("latin1") === expected).toBe(true)
      }),
      { numRuns: 60 }
    )
  })

  it("forgets what was written when the next chunk is loaded", () => {
    const memory = new ChunkMemory()
    const { lines } = memory
    lines.text("one")
    memory.load(Buffer.from("chunk"))
    lines.text("two")
    expect(lines.written().toString()).toBe("two")
  })
})
