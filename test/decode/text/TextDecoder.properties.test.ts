import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type PfLogEntry, plainEntry } from "../../../src/decode/PfLogEntry.ts"
import { decodeLine, makeTextDecoder } from "../../../src/decode/text/TextDecoder.ts"
import { printedLine } from "../../support/PrintedLine.ts"

type Found = PfLogEntry | { readonly other: string }

const decode = (chunks: ReadonlyArray<Uint8Array>): ReadonlyArray<Found> => {
  const found: Array<Found> = []
  const decoder = makeTextDecoder()
  const sink = {
    entry: (entry: PfLogEntry) => found.push(plainEntry(entry)),
    other: (other: string) => found.push({ other })
  }
  for (const chunk of chunks) {
    // The decoder may not keep the caller's bytes.
    const lent = Uint8Array.from(chunk)
    decoder.push(lent, sink)
    lent.fill(0x41)
  }
  decoder.end(sink)
  return found
}

/** Bytes cut in two or more at any places. */
const chunked = (bytes: Uint8Array): fc.Arbitrary<ReadonlyArray<Uint8Array>> =>
  fc.array(fc.nat(bytes.length), { maxLength: 12 }).map((places) => {
    const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length]
    return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end))
  })

/** What sets a line apart: line feeds, beginnings and parts of lines, and any other bytes. */
const piece = fc.oneof(
  fc.constantFrom(
    "\n",
    "\n\n",
    "\r\n",
    "\0",
    "\t",
    " ",
    "rule ",
    "rule 1/0(match): block in on em0: ",
    "1.2.3.4 > 5.6.7.8: "
  ),
  printedLine.map(({ before, addresses, after }) => `${before}${addresses}${after}\n`),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"))
)

const bytes = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(""), "latin1"))

/** One change to a text at a place: a character more, less or another, or two swapped. */
const mutate = (text: string, place: number, kind: number, character: string): string => {
  const at = place % (text.length + 1)
  if (kind === 0) return text.slice(0, at) + character + text.slice(at)
  if (kind === 1) return text.slice(0, at) + text.slice(at + 1)
  if (kind === 2) return text.slice(0, at) + character + text.slice(at + 1)
  return text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2)
}

const mutation = fc.record({
  place: fc.nat(1000),
  kind: fc.nat(3),
  character: fc.oneof(
    fc.constantFrom(..." :.>/()[]%\t0a"),
    fc.nat(255).map((code) => String.fromCharCode(code))
  )
})

describe("decodeLine", () => {
  it("reads what was printed", () => {
    fc.assert(
      fc.property(printedLine, ({ before, addresses, after, expected }) => {
        expect(decodeLine(before + addresses + after)).toMatchObject(expected)
      }),
      { numRuns: 3000 }
    )
  })

  it("gives no other address where anything beside the addresses is changed", () => {
    fc.assert(
      fc.property(
        printedLine,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (line, mutations, inFront) => {
          const change = (text: string): string =>
            mutations.reduce((changed, { place, kind, character }) => mutate(changed, place, kind, character), text)
          // What touches an address may make it another one: the character next to it stays.
          const before = inFront ? change(line.before.slice(0, -1)) + line.before.slice(-1) : line.before
          const after = inFront ? line.after : line.after.slice(0, 2) + change(line.after.slice(2))
          const entry = decodeLine(before + line.addresses + after)
          if (entry?.source === undefined) return
          expect(entry.source.address).toBe(line.expected.source?.address)
          expect(entry.destination?.address).toBe(line.expected.destination?.address)
        }
      ),
      { numRuns: 5000 }
    )
  })

  it("gives no other address where a line is cut off", () => {
    fc.assert(
      fc.property(printedLine, fc.nat(1000), ({ before, addresses, after, expected }, place) => {
        const line = before + addresses + after
        const end = place % line.length
        const [found] = decode([Buffer.from(line.slice(0, end), "latin1")])
        if (found === undefined || "other" in found) return
        expect(end).toBeGreaterThan(before.length + addresses.length + 1)
        expect(found.source?.address).toBe(expected.source?.address)
        expect(found.destination?.address).toBe(expected.destination?.address)
        expect(found.protocol ?? expected.protocol).toBe(expected.protocol)
        if (expected.payloadLength !== undefined) {
          expect(found.payloadLength ?? expected.payloadLength).toBe(expected.payloadLength)
        }
      }),
      { numRuns: 3000 }
    )
  })

  it("never takes a line for an entry that something is put in front of", () => {
    fc.assert(
      fc.property(printedLine, fc.string({ minLength: 1, maxLength: 8 }), ({ expected, addresses }, noise) => {
        fc.pre(!/^[\d ]/.test(noise))
        const entry = decodeLine(`${noise} ${expected.text} ${addresses}`)
        expect(entry).toBeUndefined()
      })
    )
  })
})

describe("makeTextDecoder", () => {
  it("finds the same wherever the bytes are cut into chunks", () => {
    fc.assert(
      fc.property(
        bytes.chain((whole) => fc.tuple(fc.constant(whole), chunked(whole))),
        ([whole, chunks]) => {
          expect(decode(chunks)).toEqual(decode([whole]))
        }
      ),
      { numRuns: 1500 }
    )
  })

  it("hands on every byte but the line feeds, once and in order", () => {
    fc.assert(
      fc.property(bytes, (whole) => {
        const lines = whole.toString("latin1").split("\n")
        if (lines.at(-1) === "") lines.pop()
        const found = decode([whole])
        expect(found).toHaveLength(lines.length)
        for (const [index, item] of found.entries()) {
          const line = lines[index] ?? ""
          if ("other" in item) expect(item.other).toBe(line)
          else expect(line.endsWith(item.text)).toBe(true)
        }
      }),
      { numRuns: 1500 }
    )
  })
})
