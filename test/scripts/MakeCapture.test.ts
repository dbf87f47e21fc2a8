import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeCapture, makeCaptureFiles, readTruth, tcpdumpText } from "../support/captures/MakeCapture.ts"
import { floodSource } from "../support/captures/scenarios/Flood.ts"
import { sampleScanners } from "../support/captures/scenarios/Sample.ts"

const samplePcap = "test/support/captures/sample.pcap"
const sampleTruth = "test/support/captures/sample.truth.jsonl"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "make-capture-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const inFolder = (name: string): string => join(folder, name)
const linesOf = (text: string): ReadonlyArray<string> => text.trimEnd().split("\n")

describe("make-capture sample", () => {
  it("makes the committed capture and its truth again, byte for byte", () => {
    const capture = makeCapture("sample", "--truth", inFolder("sample.jsonl"))
    expect(capture.equals(readFileSync(samplePcap))).toBe(true)
    expect(readFileSync(inFolder("sample.jsonl"), "utf8")).toBe(readFileSync(sampleTruth, "utf8"))
  })

  it("has one line of tcpdump for every packet of its truth", () => {
    expect(linesOf(tcpdumpText(samplePcap))).toHaveLength(readTruth(sampleTruth).length)
  })

  it("lets a jail of 5 hits in 10 minutes ban the scanners and nobody else", () => {
    const hits = new Map<string, Array<number>>()
    for (const { blockedInbound, source, time } of readTruth(sampleTruth)) {
      if (!blockedInbound || source === undefined || time === undefined) continue
      hits.set(source.address, [...(hits.get(source.address) ?? []), time])
    }
    const banned = [...hits]
      .filter(([, times]) => times.some((time, index) => (times[index + 4] ?? Infinity) - time < 600_000_000))
      .map(([address]) => address)
    expect(banned.sort()).toEqual([...sampleScanners].sort())
  })

  it("shows what filters get wrong: rule numbers over 9, dotted interfaces, an anchor, other actions and directions", () => {
    const truth = readTruth(sampleTruth)
    const distinct = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> => [...new Set(values)]
    expect(distinct(truth.map(({ rule }) => rule)).length).toBeGreaterThan(5)
    expect(distinct(truth.map((packet) => packet.interface))).toEqual(
      expect.arrayContaining(["vtnet0", "vlan0.10", "igb1_vlan20"])
    )
    expect(distinct(truth.map(({ ruleset }) => ruleset))).toContain("f2b/sshd")
    expect(distinct(truth.map(({ action }) => action))).toEqual(expect.arrayContaining(["block", "pass"]))
    expect(distinct(truth.map(({ direction }) => direction))).toEqual(expect.arrayContaining(["in", "out"]))
    expect(distinct(truth.map(({ protocol }) => protocol))).toEqual(
      expect.arrayContaining(["tcp", "udp", "icmp", "ipv6-icmp", "igmp"])
    )
  })
})

describe("make-capture flood", () => {
  it("numbers the packets, in order, each under its own time and from its own source", () => {
    const capture = inFolder("flood.pcap")
    makeCaptureFiles(capture, undefined, ["flood", "--packets", "3000", "--sources", "3000"])
    const lines = linesOf(tcpdumpText(capture))
    expect(lines).toHaveLength(3000)
    lines.forEach((line, index) => {
      expect(line).toContain(`.${String(index * 10).padStart(6, "0")} rule 17/0(match): block in on vtnet0: `)
      expect(line).toContain(`vtnet0: ${floodSource(index)}.`)
      expect(line).toContain(` seq ${index}, `)
    })
  })

  it("writes what tcpdump reads the same in both byte orders and with nanoseconds", () => {
    const texts = [
      ["--byte-order", "little"],
      ["--byte-order", "big"],
      ["--precision", "nano"],
      ["--precision", "nano", "--byte-order", "big"]
    ].map((flags) => {
      const capture = inFolder("variant.pcap")
      makeCaptureFiles(capture, undefined, ["flood", "--packets", "50", ...flags])
      return tcpdumpText(capture)
    })
    expect(new Set(texts).size).toBe(1)
  })

  it("prints the same under every header that pf writes", () => {
    const texts = ["freebsd", "freebsd-12", "openbsd", "openbsd-4.4", "netbsd", "dragonfly", "macos"]
      .concat(["61", "64", "69", "72", "84", "100"])
      .map((header) => {
        const capture = inFolder("header.pcap")
        makeCaptureFiles(capture, undefined, ["flood", "--packets", "10", "--header", header])
        return tcpdumpText(capture)
      })
    expect(new Set(texts).size).toBe(1)
  })
})

describe("make-capture hostile", () => {
  it("makes the same capture of the same seed, and another of another", () => {
    const captureOf = (seed: string): Buffer => {
      makeCaptureFiles(inFolder("hostile.pcap"), undefined, ["hostile", "--packets", "300", "--seed", seed])
      return readFileSync(inFolder("hostile.pcap"))
    }
    const first = captureOf("5")
    expect(captureOf("5").equals(first)).toBe(true)
    expect(captureOf("6").equals(first)).toBe(false)
  })
})

describe("make-capture's command line", () => {
  it.each([
    [["nothing"], "scenario nothing: expected one of sample, flood, scan, hostile, wrong-family, matrix"],
    [[], "give one scenario"],
    [["flood", "--packets", "many"], "--packets many: expected a whole number"],
    [["flood", "--header", "62"], "--header 62: expected one of freebsd"],
    [["flood", "--wrong"], "--wrong"]
  ])("refuses %j with status 64", (flags, message) => {
    const result = spawnSync(process.execPath, ["--import", "tsx", "scripts/make-capture.ts", ...flags])
    expect(result.status).toBe(64)
    expect(result.stderr.toString()).toContain(message)
    expect(result.stdout).toHaveLength(0)
  })
})
