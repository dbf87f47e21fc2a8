import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { AddressSet } from "../../src/capture/AddressSet.ts"
import {
  type Intake,
  RecordSplitter,
  type Records,
  singleRecords,
  splitByAddresses,
  splitRecords
} from "../../src/capture/RecordSplitter.ts"
import { presentCapture } from "../support/captures/PresentCapture.ts"
import { tcp } from "../support/captures/Segment.ts"

const sample = fs.readFileSync("test/support/captures/sample.pcap")

const push = (bytes: Uint8Array, pieceLength: number): ReadonlyArray<Intake> => {
  const splitter = new RecordSplitter()
  const found: Array<Intake> = []
  // One buffer for all pieces, as a pipe's reader has it.
  const piece = Buffer.alloc(pieceLength)
  for (let at = 0; at < bytes.length; at += pieceLength) {
    const length = Math.min(pieceLength, bytes.length - at)
    piece.set(bytes.subarray(at, at + length))
    const intake = splitter.push(piece.subarray(0, length))
    found.push(intake._tag === "Text" ? { _tag: "Text", bytes: Buffer.from(intake.bytes) } : intake)
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

describe("splitByAddresses", () => {
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

  it("cuts where the packets so far have as many addresses as are wanted, IPv4 and IPv6 alike", () => {
    // One destination each of IPv4 and IPv6, and a source more with each packet.
    const sources = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? `192.0.2.${index}` : `2001:db8::${index}`
    )
    const addresses = new AddressSet()
    const [first, others] = splitByAddresses(recordsOf(sources), 1000, addresses, 22)
    expect([first.count, others?.count, addresses.size]).toEqual([20, 20, 22])
  })

  it("does not cut among packets of few sources but behind so many records", () => {
    const sources = Array.from({ length: 300 }, (_, index) => `192.0.2.${index % 5}`)
    const addresses = new AddressSet()
    const [first, others] = splitByAddresses(recordsOf(sources), 200, addresses, 50)
    expect([first.count, others?.count, addresses.size]).toEqual([200, 100, 6])
  })

  it("takes one record at least", () => {
    const [first, others] = splitByAddresses(recordsOf(["192.0.2.1", "192.0.2.2"]), 10, new AddressSet(), 1)
    expect([first.count, others?.count]).toEqual([1, 1])
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
