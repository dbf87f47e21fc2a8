import { describe, expect, it } from "vitest"
import type { Decoder } from "../../src/decode/Decoder.ts"
import type { EpochMicros, PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import { decodeLine } from "../../src/decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../../src/format/Ascii.ts"
import { ChunkMemory } from "../../src/run/ChunkMemory.ts"
import { makeTranscoder } from "../../src/run/Transcoder.ts"

/** Hands on an entry for each byte and takes it back: whatever is read of it later is another one's. */
const lendingDecoder = (entryOf: (byte: number) => PfLogEntry): Decoder => ({
  push: (bytes, sink) => {
    for (const byte of bytes) {
      const loan = { isOver: false }
      const read = (entry: PfLogEntry, field: string | symbol): unknown => {
        if (loan.isOver) throw new Error(`${String(field)} was read after the sink had returned`)
        return Reflect.get(entry, field)
      }
      sink.entry(new Proxy(entryOf(byte), { get: read }))
      loan.isOver = true
    }
    return undefined
  },
  end: () => undefined
})

const entryAt = (seconds: number): PfLogEntry => {
  const stamp = seconds === 0 ? "" : `${1_692_000_000 + seconds}.000000 `
  const entry = decodeLine(`${stamp}rule 0/0(match): block in on em0: 192.0.2.${seconds} > 198.51.100.1: ip-proto-17`)
  if (entry === undefined) throw new Error("the line is no entry")
  return entry
}

describe("makeTranscoder", () => {
  it("reads an entry only until its sink returns, and tells the time of the last one that has any", () => {
    const reached: Array<EpochMicros> = []
    const tally = { entry: () => {}, other: () => {}, reached: (time: EpochMicros) => reached.push(time) }
    const transcoder = makeTranscoder(
      lendingDecoder(entryAt),
      makeAsciiFormat(),
      new ChunkMemory(),
      tally,
      1,
      () => 1_700_000_000_000_000
    )
    const { lines } = transcoder.push(Uint8Array.of(1, 2, 0))
    expect(
      Buffer.from(lines)
        .toString()
        .match(/192\.0\.2\.\d/g)
    ).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.0"])
    transcoder.push(Uint8Array.of(0))
    expect(reached).toEqual([1_692_000_002_000_000])
  })
})
