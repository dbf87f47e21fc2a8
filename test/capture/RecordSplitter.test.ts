import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { NameTable } from "../../src/capture/NameTable.ts"
import {
  firstRecords,
  type Intake,
  RecordSplitter,
  type Records,
  singleRecords,
  splitByLoad,
  splitRecords
} from "../../src/capture/RecordSplitter.ts"
import { presentCapture } from "../support/captures/PresentCapture.ts"
import { tcp } from "../support/captures/Segment.ts"

const sample = fs.readFileSync("test/support/captures/sample.pcap")

/** What was found is lent: a copy. */
const kept = (found: Intake): Intake => {
  if (found._tag === "Text") return { ...found, bytes: Buffer.from(found.bytes) }
  return { ...found, records: found.records && { ...found.records, bytes: Buffer.from(found.records.bytes) } }
}

const push = (bytes: Uint8Array, pieceLength: number): ReadonlyArray<Intake> => {
  const splitter = new RecordSplitter()
  const found: Array<Intake> = []
  // One buffer for all pieces, as a pipe's reader has it.
  const piece = Buffer.alloc(pieceLength)
  for (let at = 0; at < bytes.length; at += pieceLength) {
    const length = Math.min(pieceLength, bytes.length - at)
    piece.set(bytes.subarray(at, at + length))
    found.push(kept(splitter.push(piece.subarray(0, length))))
  }
  return [...found, splitter.end()]
}

const recordsIn = (found: ReadonlyArray<Intake>): ReadonlyArray<Records> =>
  found.flatMap((intake) => (intake._tag === "Records" ? (intake.records ?? []) : []))

const textIn = (found: ReadonlyArray<Intake>): string =>
  Buffer.concat(found.flatMap((intake) => (intake._tag === "Text" ? [intake.bytes] : []))).toString("latin1")

const problemIn = (found: ReadonlyArray<Intake>) =>
  found
    .map((intake) => (intake._tag === "Records" ? intake.problem : undefined))
    .find((problem) => problem !== undefined)

describe("RecordSplitter", () => {
  it.each([1, 3, 100, 4096, 1_000_000])("cuts a capture that comes in pieces of %i bytes at its records", (length) => {
    const records = recordsIn(push(sample, length))
    expect(records.reduce((sum, { count }) => sum + count, 0)).toBe(177)
    const file = records[0]?.file.header ?? Buffer.alloc(0)
    expect(Buffer.concat([file, ...records.map(({ bytes }) => bytes)]).equals(sample)).toBe(true)
    expect(records.flatMap(singleRecords)).toHaveLength(177)
  })

  it.each([30, 100, 4096])(
    "copies only what completes a record, where it is given that first (pieces of %i bytes)",
    (length) => {
      const splitter = new RecordSplitter()
      const records: Array<Records> = []
      let inPlace = 0
      for (let at = 0; at < sample.length; ) {
        const { missing } = splitter
        const end = Math.min(at - (at % length) + length, missing > 0 ? at + missing : sample.length, sample.length)
        const piece = new Uint8Array(sample.subarray(at, end))
        const found = splitter.push(piece)
        if (at > 0 && missing === 0 && found._tag === "Records" && found.records !== undefined) {
          expect(found.records.bytes.buffer === piece.buffer).toBe(true)
          inPlace += found.records.count
        }
        records.push(...recordsIn([kept(found)]))
        at = end
      }
      expect(Buffer.concat(records.map(({ bytes }) => bytes)).equals(sample.subarray(24))).toBe(true)
      if (length === 4096) expect(inPlace).toBeGreaterThan(100)
      expect(splitter.missing).toBe(0)
    }
  )

  it.each(["", "1700000000.000001 rule 1/0(match)", "Mo\n", "M", "\n\n\n\n\n", "ssh: connection refused\n"])(
    "passes on what begins as no capture: %j",
    (text) => {
      for (const length of [1, 2, 5, 100]) expect(textIn(push(Buffer.from(text), length))).toBe(text)
    }
  )

  it("names the link type of a capture of another kind", () => {
    const ethernet = Buffer.from(sample)
    ethernet.writeUInt32LE(1, 20)
    expect(problemIn(push(ethernet, 50))).toMatchObject({ reason: "link-type" })
    expect(problemIn(push(ethernet, 50))?.message).toContain("Ethernet")
  })

  it("tells of a capture that ends within a record or its header, and hands on what is before", () => {
    const cut = push(sample.subarray(0, sample.length - 3), 1000)
    expect(problemIn(cut)).toMatchObject({ reason: "truncated" })
    expect(recordsIn(cut).reduce((sum, { count }) => sum + count, 0)).toBe(176)
    expect(problemIn(push(sample.subarray(0, 10), 3))).toMatchObject({ reason: "truncated" })
  })

  it("tells of a record that is longer than any packet, and hands on what is before", () => {
    const damaged = Buffer.concat([sample, Buffer.alloc(16, 0xff)])
    const found = push(damaged, 700)
    expect(problemIn(found)).toMatchObject({ reason: "damaged" })
    expect(recordsIn(found).reduce((sum, { count }) => sum + count, 0)).toBe(177)
  })
})

describe("splitByLoad", () => {
  const recordsOf = (sources: ReadonlyArray<string>) => {
    const capture = presentCapture(
      sources.map((source) => ({
        source,
        destination: source.includes(":") ? "2001:db8:9::9" : "198.51.100.9",
        segment: tcp({ ports: [40_000, 22], flags: "S" })
      }))
    )
    const [records] = recordsIn(push(capture, capture.length))
    if (records === undefined) throw new Error("the capture has no records")
    return records
  }

  const neighbours = (count: number) =>
    Array.from({ length: count }, (_, index) => `10.16.${index >> 8}.${index & 255}`)
  const strangers = (count: number) =>
    Array.from({ length: count }, (_, index) => `${10 + (index % 97)}.${index % 251}.${index >> 8}.${index & 255}`)

  it("cuts among neighbours, which share a chain of tcpdump's names, behind some 2,800 of them", () => {
    const names = new NameTable()
    const [first, others] = splitByLoad(recordsOf(neighbours(6000)), names)
    expect(first.count).toBeGreaterThan(2700)
    expect(first.count).toBeLessThan(2900)
    expect(first.count + (others?.count ?? 0)).toBe(6000)
    expect(names.isFull).toBe(true)
  })

  it("does so for IPv6, whose chains go by the end of the address", () => {
    const sources = Array.from({ length: 6000 }, (_, index) => `2001:db8:${index.toString(16)}::7`)
    const [first] = splitByLoad(recordsOf(sources), new NameTable())
    expect(first.count).toBeGreaterThan(2700)
    expect(first.count).toBeLessThan(2900)
  })

  it("does not cut among as many from everywhere, nor among packets of few sources", () => {
    for (const sources of [strangers(6000), Array.from({ length: 6000 }, (_, index) => `192.0.2.${index % 5}`)]) {
      const names = new NameTable()
      const [first, others] = splitByLoad(recordsOf(sources), names)
      expect([first.count, others]).toEqual([6000, undefined])
      expect(names.isNearlyFull).toBe(false)
    }
  })

  it("cuts among those from everywhere, too, before they take much memory", () => {
    const names = new NameTable()
    let taken = 0
    for (let part = 0; part < 20 && !names.isFull; part++) {
      const sources = strangers(6000).map((source, index) => source.replace(/\.\d+\.\d+$/, `.${part}.${index % 256}`))
      taken += splitByLoad(recordsOf(sources), names)[0].count
    }
    expect(names.isFull).toBe(true)
    expect(taken).toBeGreaterThan(60_000)
  })

  it("takes one record at least", () => {
    const names = new NameTable()
    splitByLoad(recordsOf(neighbours(6000)), names)
    const [first, others] = splitByLoad(recordsOf(["192.0.2.1", "192.0.2.2"]), names)
    expect([first.count, others?.count]).toEqual([1, 1])
  })
})

describe("firstRecords", () => {
  const [records] = recordsIn(push(sample, sample.length))

  it("gives all where there is room, and as many whole ones as there is room for", () => {
    if (records === undefined) throw new Error("the sample has no records")
    expect(firstRecords(records, 177, records.bytes.length)).toEqual([records, undefined])
    expect(firstRecords(records, 50, records.bytes.length).map((part) => part?.count)).toEqual([50, 127])
    const [first, others] = firstRecords(records, 177, records.bytes.length - 1)
    expect([first?.count, others?.count]).toEqual([176, 1])
    expect(Buffer.concat([first?.bytes ?? Buffer.alloc(0), others?.bytes ?? Buffer.alloc(0)])).toEqual(records.bytes)
  })

  it("gives none where there is room for none", () => {
    if (records === undefined) throw new Error("the sample has no records")
    expect(firstRecords(records, 0, 1000)).toEqual([undefined, records])
    expect(firstRecords(records, 10, 20)).toEqual([undefined, records])
  })
})

describe("splitRecords", () => {
  it("cuts behind so many records", () => {
    const [records] = recordsIn(push(sample, sample.length))
    if (records === undefined) throw new Error("the sample has no records")
    const [first, others] = splitRecords(records, 100)
    expect([first.count, others?.count]).toEqual([100, 77])
    expect(Buffer.concat([first.bytes, others?.bytes ?? Buffer.alloc(0)]).equals(records.bytes)).toBe(true)
    expect(splitRecords(records, 177)[1]).toBeUndefined()
  })
})
