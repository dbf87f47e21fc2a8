import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeCaptureFiles, readTruth, tcpdumpText } from "../support/captures/MakeCapture.ts"
import { printedHead, printsEndpoints } from "../support/PrintedTruth.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "capture-truth-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Packets of a capture whose line, by the real tcpdump, doesn't begin as their truth says. */
const contradictions = (...flags: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const [capture, truthFile] = [join(folder, "capture.pcap"), join(folder, "truth.jsonl")]
  makeCaptureFiles(capture, truthFile, flags)
  const truth = readTruth(truthFile)
  // A line of its own begins with a time and pf's head; what else there is continues the packet before.
  const lines = tcpdumpText(capture)
    .split("\n")
    .filter((line) => /^\d+\.\d{6} rule \d/.test(line))
  expect(lines).toHaveLength(truth.length)
  return truth.flatMap((packet, index) => {
    const line = lines[index] ?? ""
    const head = printedHead(packet)
    return line.startsWith(head) && printsEndpoints(packet, line.slice(head.length)) ? [] : [{ line, packet }]
  })
}

describe("the truth beside a capture", () => {
  it("is what the real tcpdump prints of every header, reason, action, direction and protocol", () => {
    expect(contradictions("matrix")).toEqual([])
  })

  it("is what it prints where pf's header lies about the address family", () => {
    expect(contradictions("wrong-family", "--packets", "500")).toEqual([])
  })

  it.each(["1", "2", "3"])("is what it prints of hostile packets (seed %s)", (seed) => {
    expect(contradictions("hostile", "--packets", "3000", "--seed", seed)).toEqual([])
  })

  it.each(["freebsd-12", "openbsd", "netbsd", "macos", "84"])("is what it prints under the header of %s", (header) => {
    expect(contradictions("hostile", "--packets", "500", "--seed", "9", "--header", header)).toEqual([])
  })
})
