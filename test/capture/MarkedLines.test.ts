import { describe, expect, it } from "vitest"
import { type Mark, MarkedLines, type Printed, randomMark } from "../../src/capture/MarkedLines.ts"

const mark: Mark = { seconds: 123_456_789, micros: 42 }
const markLine = "123456789.000042 [pflog: invalid header length!]\n"

const textOf = (printed: Printed | undefined): string => Buffer.concat(printed?.lines ?? []).toString("latin1")

/** Expects so many marks each, gives the text in pieces of a length, and returns what came of it. */
const read = (text: string, pieceLength: number, ...marks: ReadonlyArray<number>) => {
  const output = new MarkedLines(mark)
  const results: Array<Printed> = []
  for (const count of marks) output.expect(count, 0, (printed) => results.push(printed))
  for (let at = 0; at < text.length; at += pieceLength) output.push(Buffer.from(text.slice(at, at + pieceLength)))
  return { output, results }
}

describe("MarkedLines", () => {
  const lines = "1700000000.000001 rule 1\n\ta continuation\n1700000000.000002 rule 2\n"

  it.each([1, 2, 7, 1000])("gives the lines in front of a mark without it, whole, in pieces of %i bytes", (length) => {
    const { results } = read(`${lines}${markLine}${markLine}x\n${markLine}`, length, 1, 1, 1)
    expect(results.map(textOf)).toEqual([lines, "", "x\n"])
    expect(results.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
  })

  it.each([1, 7, 1000])("passes over the marks that only fill up, in pieces of %i bytes", (length) => {
    const output = new MarkedLines(mark)
    const results: Array<Printed> = []
    for (const padding of [3, 0, 1]) output.expect(1, padding, (printed) => results.push(printed))
    const text = `${lines}${markLine.repeat(4)}x\n${markLine}y\n${markLine.repeat(2)}`
    for (let at = 0; at < text.length; at += length) output.push(Buffer.from(text.slice(at, at + length)))
    expect(results.map(textOf)).toEqual([lines, "x\n", "y\n"])
  })

  const endLine = "123456789.000042 end\n"

  it.each([1, 7, 1000])("waits for the end of each tcpdump behind its mark, in pieces of %i bytes", (length) => {
    const output = new MarkedLines(mark)
    const results: Array<Printed> = []
    const given: Array<string> = []
    const giveNext = () => given.push("next") < 10
    output.expect(2, giveNext, (printed) => results.push(printed))
    output.expect(1, giveNext, (printed) => results.push(printed))
    output.expect(1, 0, (printed) => results.push(printed))
    const text = `${lines}${markLine}${endLine}x\n${markLine}`
    for (let at = 0; at < text.length; at += length) output.push(Buffer.from(text.slice(at, at + length)))
    expect([given, results]).toEqual([["next"], []])
    output.push(Buffer.from(`${endLine}y\n${markLine}${endLine}${markLine}`))
    expect(results.map(textOf)).toEqual([`${lines}x\n`, "y\n", ""])
    expect(given).toEqual(["next"])
  })

  it("is content with the first parts where the next one is given nothing", () => {
    const { output, results } = read("", 1)
    output.expect(
      3,
      () => false,
      (printed) => results.push(printed)
    )
    output.push(Buffer.from(`${lines}${markLine}${endLine}`))
    expect(results).toMatchObject([{ marks: 1, failure: undefined }])
    expect(results.map(textOf)).toEqual([lines])
  })

  it("takes a tcpdump's end before its mark for a failure, and a mark in place of the end", () => {
    const never = () => false
    for (const [behind, text, failure] of [
      [never, `x\n${endLine}${markLine}`, "ended before it had printed all"],
      [0, `x\n${endLine}${markLine}`, "ended before it had printed all"],
      [never, `x\n${markLine}${markLine}${endLine}`, "went on behind its end"]
    ] as const) {
      const { output, results } = read("", 1)
      output.expect(1, behind, (printed) => results.push(printed))
      output.push(Buffer.from(text))
      output.expect(1, behind, (printed) => results.push(printed))
      expect(results).toMatchObject([{ failure }, { lines: [], marks: 0, failure }])
    }
    const idle = read(endLine, 100).output
    idle.expect(1, 0, ({ failure }) => expect(failure).toBe("ended before it had printed all"))
    expect.assertions(4)
  })

  it("gives what comes to megabytes as it was", () => {
    const many = lines.repeat(50_000)
    expect(textOf(read(many + markLine + many + markLine, 65_536, 1, 1).results[1])).toBe(many)
  })

  it("takes a mark for one only at the beginning of a line", () => {
    const { results } = read(`a ${markLine}b\n${markLine}`, 5, 1)
    expect(textOf(results[0])).toBe(`a ${markLine}b\n`)
  })

  it("tells of a printer that fails how many marks came, and gives no line behind them", () => {
    const { output, results } = read(`one\n${markLine}two\n${markLine}thr`, 6, 3, 1)
    output.fail("was ended by signal SIGSEGV")
    expect(results).toMatchObject([
      { marks: 2, failure: "was ended by signal SIGSEGV" },
      { marks: 0, failure: "was ended by signal SIGSEGV" }
    ])
    expect(results.map(textOf)).toEqual(["one\ntwo\n", ""])
    output.expect(1, 0, (printed) => results.push(printed))
    expect(results[2]).toMatchObject({ marks: 0, failure: "was ended by signal SIGSEGV" })
  })

  it("gives up a printer that writes without end", () => {
    const output = new MarkedLines(mark)
    const results: Array<Printed> = []
    output.expect(1, 0, (printed) => results.push(printed))
    const megabyte = Buffer.from("y\n".repeat(2 ** 19))
    for (let time = 0; time < 100; time++) output.push(megabyte)
    expect(results).toEqual([{ lines: [], marks: 0, failure: "wrote without end what it was not given" }])
  })

  it("makes marks that no packet of today can bear", () => {
    const marks = Array.from({ length: 100 }, randomMark)
    expect(Math.max(...marks.map(({ seconds }) => seconds))).toBeLessThan(1_000_000_000)
    expect(new Set(marks.map(({ seconds }) => seconds)).size).toBeGreaterThan(90)
  })
})
