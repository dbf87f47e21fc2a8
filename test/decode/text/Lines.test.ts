import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LineSplitter, longestLine } from "../../../src/decode/text/Lines.ts"
import { makeTextDecoder } from "../../../src/decode/text/TextDecoder.ts"

/** Lines as strings; pieces of a long line in angle brackets; an unfinished last line with a trailing `…`. */
const split = (limit: number, chunks: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found: Array<string> = []
  const splitter = new LineSplitter(limit)
  const sink = {
    line: (bytes: Buffer, start: number, end: number, printable: boolean, complete: boolean) => {
      const text = bytes.toString("latin1", start, end)
      expect(printable).toBe(/^[ -~]*$/.test(text))
      found.push(text + (complete ? "" : "…"))
    },
    piece: (piece: string) => found.push(`<${piece}>`)
  }
  for (const chunk of chunks) splitter.push(Buffer.from(chunk, "latin1"), sink)
  splitter.end(sink)
  return found
}

describe("LineSplitter", () => {
  it("splits at line feeds and nowhere else", () => {
    expect(split(9, ["a\nb\r\n\n\0\x0b\x0c\x85\n"])).toEqual(["a", "b\r", "", "\0\x0b\x0c\x85"])
  })

  it("tells an unfinished last line", () => {
    expect(split(9, ["a\nb"])).toEqual(["a", "b…"])
  })

  it("keeps a line of the limit whole and hands on a longer one in pieces", () => {
    expect(split(4, ["abcd\nabcde\nabcdabcd\nabcdabcda\nxyz\n"])).toEqual([
      "abcd",
      "<abcd>",
      "<e>",
      "<abcd>",
      "<abcd>",
      "<abcd>",
      "<abcd>",
      "<a>",
      "xyz"
    ])
  })

  it("takes no piece for a line, wherever chunks end", () => {
    const text = "abcdabcd\nabcdabcda\nabcde\nab\n\nabcdabcdabcd"
    const whole = split(4, [text])
    expect(whole.slice(-3)).toEqual(["<abcd>", "<abcd>", "<abcd>"])
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), text.length]
        expect(
          split(
            4,
            cuts.slice(1).map((end, index) => text.slice(cuts[index], end))
          )
        ).toEqual(whole)
      })
    )
  })
})

describe("makeTextDecoder", () => {
  const line = "rule 1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S], length 0: "

  it("reads a line of 16 MiB whole and makes no entry of a longer one", () => {
    const found: Array<string> = []
    const sink = { entry: () => found.push("entry"), other: (other: string) => found.push(`other ${other.length}`) }
    const decoder = makeTextDecoder()
    const block = Buffer.alloc(1024 * 1024, line)
    const whole = Buffer.alloc(longestLine, block)
    decoder.push(whole, sink)
    decoder.push(Buffer.from("\n"), sink)
    decoder.push(whole, sink)
    decoder.push(Buffer.from(line), sink)
    decoder.push(Buffer.from(`\n${line}\n`), sink)
    expect(found).toEqual(["entry", `other ${longestLine}`, `other ${line.length}`, "entry"])
  })
})
