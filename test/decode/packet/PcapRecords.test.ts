import { describe, expect, it } from "vitest"
import { captureOf, decode } from "../../support/captures/CaptureInMemory.ts"
import { freebsdHeader } from "../../support/captures/PflogHeader.ts"
import { flood } from "../../support/captures/scenarios/Flood.ts"

const packets = 40
const { bytes, truths } = captureOf(flood(freebsdHeader, packets, packets))
const fileHeader = 24
const recordLength = 16 + bytes.readUInt32LE(fileHeader + 8)

/** The capture with one number of it changed. */
const withUint32 = (offset: number, value: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed.writeUInt32LE(value, offset)
  return changed
}

describe("a pcap file", () => {
  it.each([
    ["little", "micro"],
    ["big", "micro"],
    ["little", "nano"],
    ["big", "nano"]
  ] as const)("is read in %s-endian byte order with %sseconds", (byteOrder, precision) => {
    const capture = captureOf(flood(freebsdHeader, packets, packets), { byteOrder, precision })
    const { entries, problem } = decode(capture.bytes)
    expect(problem).toBeUndefined()
    expect(entries.map(({ time }) => time)).toEqual(truths.map(({ time }) => time))
    expect(entries.map(({ source }) => source)).toEqual(truths.map(({ source }) => source))
  })

  it("gives the same entries however it is cut into chunks", () => {
    const texts = truths.map((_, index) => decode(bytes).entries[index]?.text)
    for (const chunkLength of [1, 2, 3, 7, 23, 24, 25, 100, recordLength, recordLength + 1, 1000]) {
      const { entries, problem } = decode(bytes, chunkLength)
      expect(problem).toBeUndefined()
      expect(entries.map(({ text }) => text)).toEqual(texts)
    }
  })

  it("is taken in as many single bytes as it has without a cost that grows with each", () => {
    const large = captureOf(flood(freebsdHeader, 5000, 5000)).bytes
    expect(decode(large, 1).entries).toHaveLength(5000)
  })

  it("of no bytes at all is no problem: a tcpdump that could not start tells its own", () => {
    expect(decode(Buffer.alloc(0))).toEqual({ entries: [], others: [], notices: [], problem: undefined })
  })

  it.each([
    ["not-pcap", 0, "text: rule 1/0(match): block in on em0: 1.2.3.4"],
    ["pcapng", 0, "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0"]
  ])("that is none is refused as %s", (reason, offset, text) => {
    expect(decode(Buffer.from(text, "latin1")).problem).toMatchObject({ reason, offset })
  })

  it("of another version is refused", () => {
    const changed = Buffer.from(bytes)
    changed.writeUInt16LE(3, 4)
    expect(decode(changed).problem).toMatchObject({ reason: "not-pcap", message: expect.stringContaining("3.4") })
  })

  it("of another link type is refused with the number of that type", () => {
    const { entries, problem } = decode(withUint32(20, 1))
    expect(entries).toEqual([])
    expect(problem).toMatchObject({ reason: "link-type", message: expect.stringContaining("link type is 1,") })
  })

  it("gives all entries before a record that can't be true, and tells its offset", () => {
    const offset = fileHeader + 5 * recordLength
    for (const changed of [
      withUint32(offset + 8, 262_145),
      withUint32(offset + 8, 0xffff_ffff),
      withUint32(offset + 8, 0),
      withUint32(offset + 12, 10),
      withUint32(offset + 12, 0xffff_ffff),
      withUint32(offset + 4, 1_000_000)
    ]) {
      for (const chunkLength of [1, 100, 65_536]) {
        const { entries, problem } = decode(changed, chunkLength)
        expect(entries).toHaveLength(5)
        expect(problem).toMatchObject({ reason: "damaged", offset, message: expect.stringContaining(String(offset)) })
      }
    }
  })

  it("says so of a packet that is longer than any capture of one, takes it, and reads on", () => {
    const offset = fileHeader + 5 * recordLength
    for (const length of [262_145, 300_000, 0x7fff_ffff]) {
      const { entries, notices, problem } = decode(withUint32(offset + 12, length), 100)
      expect(problem).toBeUndefined()
      expect(entries.map(({ source }) => source)).toEqual(truths.map(({ source }) => source))
      expect(notices).toEqual([expect.stringContaining(`a packet of ${length} bytes`)])
    }
  })

  it("bounds a record by the snapshot length that it was taken with", () => {
    const { entries, problem } = decode(withUint32(16, recordLength - 17))
    expect(entries).toEqual([])
    expect(problem).toMatchObject({ reason: "damaged", offset: fileHeader })
  })

  it("takes a snapshot length of 0 as none", () => {
    expect(decode(withUint32(16, 0)).entries).toHaveLength(packets)
  })

  it("decodes nothing any more behind a problem", () => {
    const { entries, problem } = decode(Buffer.concat([withUint32(20, 1), bytes]), 10)
    expect(entries).toEqual([])
    expect(problem?.reason).toBe("link-type")
  })

  it("that ends within a record gives the entries before it and tells the offset", () => {
    for (const missing of [1, 17, recordLength - 16, recordLength - 1]) {
      const { entries, problem } = decode(bytes.subarray(0, bytes.length - missing))
      expect(entries).toHaveLength(packets - 1)
      expect(problem).toMatchObject({ reason: "truncated", offset: bytes.length - recordLength })
    }
    expect(decode(bytes.subarray(0, 23)).problem).toMatchObject({ reason: "truncated", offset: 0 })
  })
})
