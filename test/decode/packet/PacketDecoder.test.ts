import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "vitest"
import { plainEntry } from "../../../src/decode/PfLogEntry.ts"
import type { PacketEntry } from "../../../src/decode/packet/PacketEntry.ts"
import { captureOf, decode } from "../../support/Captures.ts"
import type { PacketTruth } from "../../support/captures/PacketTruth.ts"
import { freebsdHeader, headerLayouts } from "../../support/captures/PflogHeader.ts"
import { makeRandom } from "../../support/captures/Random.ts"
import { hostile } from "../../support/captures/scenarios/Hostile.ts"
import { matrix } from "../../support/captures/scenarios/Matrix.ts"
import { sample } from "../../support/captures/scenarios/Sample.ts"

/** Names that a header tells of which the system can't be known by its length stay numbers. */
const withKnownNames = (truth: PacketTruth) => {
  const isKnownSystem = truth.headerLength > 64
  return {
    reason: truth.numbers.reason > 14 && !isKnownSystem ? String(truth.numbers.reason) : truth.reason,
    action: truth.numbers.action > 10 && !isKnownSystem ? String(truth.numbers.action) : truth.action
  }
}

/** The fields of an entry that differ from the truth, as pairs of what was found and what is true. */
const differences = (entry: PacketEntry, truth: PacketTruth): ReadonlyArray<unknown> => {
  // What a capture cuts off can't be known: the extension headers before the protocol, the payload's end.
  const isCutIpv6 = truth.missingBytes > 0 && truth.family === "ipv6"
  const expected = {
    ...withKnownNames(truth),
    time: truth.time,
    rule: truth.rule,
    ruleset: truth.ruleset,
    subrule: truth.subrule,
    direction: truth.direction,
    interface: truth.interface,
    uid: truth.uid,
    pid: undefined,
    ridentifier: truth.ridentifier,
    family: truth.family,
    protocol: isCutIpv6 ? entry.protocol && truth.protocol : truth.protocol || undefined,
    source: truth.source,
    destination: truth.destination,
    tcpFlags: truth.lies ? entry.tcpFlags : truth.tcpFlags,
    fragment: isCutIpv6 ? entry.fragment : truth.fragment,
    payloadLength: truth.payloadLength ?? entry.payloadLength,
    text: entry.text
  }
  const found = plainEntry(entry)
  return isDeepStrictEqual(found, expected) ? [] : [found, truth]
}

const allDifferences = (entries: ReadonlyArray<PacketEntry>, truths: ReadonlyArray<PacketTruth>) =>
  entries.flatMap((entry, index) => {
    const truth = truths[index]
    return truth === undefined ? [entry] : differences(entry, truth)
  })

describe("the packet decoder", () => {
  it("finds what is true in every combination of header, action, reason, direction and kind of packet", () => {
    const { bytes, truths } = captureOf(matrix([...headerLayouts.values()]))
    const { entries, others, problem } = decode(bytes)
    expect(problem).toBeUndefined()
    expect(others).toEqual([])
    expect(entries).toHaveLength(truths.length)
    expect(allDifferences(entries, truths)).toEqual([])
  })

  it.each([1, 2, 3, 4])("finds what is true in hostile packets, cut off ones among them (seed %i)", (seed) => {
    for (const byteOrder of ["little", "big"] as const) {
      const { bytes, truths } = captureOf(hostile(freebsdHeader, 3000, seed), { byteOrder, precision: "micro" })
      const { entries, others, problem } = decode(bytes)
      expect({ others, problem }).toEqual({ others: [], problem: undefined })
      expect(entries).toHaveLength(truths.length)
      expect(allDifferences(entries, truths)).toEqual([])
    }
  })

  it("writes nothing of what a packet carries or quotes into its line", () => {
    const { bytes, truths } = captureOf(hostile(freebsdHeader, 3000, 9))
    decode(bytes).entries.forEach(({ text }, index) => {
      expect(text).toMatch(/^rule [ -~]*$/)
      for (const address of truths[index]?.innerAddresses ?? []) expect(text).not.toContain(address)
    })
  })

  it("lets an entry be kept and read later", () => {
    const { bytes, truths } = captureOf(sample(freebsdHeader))
    const { entries } = decode(bytes, 50)
    entries.forEach((entry, index) => {
      expect(entry.source).toEqual(truths[index]?.source)
    })
  })

  it("tells of records without pf's header as tcpdump does, and reads on", () => {
    const { bytes } = captureOf(sample(freebsdHeader))
    const first = 24 + 16
    const changed = Buffer.from(bytes)
    changed[first] = 44
    const all = decode(bytes).entries.length
    expect(decode(changed)).toMatchObject({ others: ["[pflog: invalid header length!]"], problem: undefined })
    expect(decode(changed).entries).toHaveLength(all - 1)
    changed[first] = 255
    expect(decode(changed)).toMatchObject({ others: ["[|pflog]"], problem: undefined })
  })

  it("keeps a lying header length within its record", () => {
    const { bytes, truths } = captureOf(sample(freebsdHeader))
    for (let length = 0; length < 256; length++) {
      const changed = Buffer.from(bytes)
      changed[24 + 16] = length
      const { entries, others, problem } = decode(changed)
      expect(problem).toBeUndefined()
      expect(entries.length + others.length).toBe(truths.length)
      for (const entry of entries) plainEntry(entry)
    }
  })
})

describe("the packet decoder, given damage", () => {
  const { bytes } = captureOf(hostile(freebsdHeader, 400, 77))
  const whole = decode(bytes)

  it("reads thousands of mutated captures without a throw, or an entry of no record", () => {
    const random = makeRandom(2026)
    for (let round = 0; round < 3000; round++) {
      const changed = Buffer.from(bytes)
      const changes = random.between(1, 12)
      for (let change = 0; change < changes; change++) changed[random.below(changed.length)] = random.below(256)
      const { entries, others } = decode(changed, random.pick([65_536, 1000, 61]))
      expect(entries.length + others.length).toBeLessThanOrEqual(whole.entries.length + whole.others.length + 40)
      for (const entry of round % 20 === 0 ? entries : entries.slice(0, 20)) {
        const { text, source } = plainEntry(entry)
        expect(text).toMatch(/^rule [ -~]*$/)
        expect(source === undefined || /^[0-9a-f.:]+$/.test(source.address)).toBe(true)
      }
    }
  })

  it("reads captures that end anywhere: all entries before the end, and none that is not whole", () => {
    const texts = whole.entries.map(({ text }) => text)
    const random = makeRandom(117)
    for (let round = 0; round < 2000; round++) {
      const end = random.below(bytes.length)
      const { entries, problem } = decode(bytes.subarray(0, end))
      expect(entries.map(({ text }) => text)).toEqual(texts.slice(0, entries.length))
      if (problem !== undefined) expect(problem.reason).toBe("truncated")
    }
  })

  it("gives the true address of every packet whose bytes behind the addresses are random", () => {
    const random = makeRandom(6)
    const { bytes: original, truths } = captureOf(hostile(freebsdHeader, 3000, 5))
    const changed = Buffer.from(original)
    let at = 24
    for (const { family, missingBytes } of truths) {
      const end = at + 16 + changed.readUInt32LE(at + 8)
      const behind = at + 16 + 72 + (family === "ipv4" ? 20 : 40)
      expect(missingBytes).toBeGreaterThanOrEqual(0)
      for (let index = behind; index < end; index++) changed[index] = random.below(256)
      at = end
    }
    const { entries } = decode(changed)
    expect(entries).toHaveLength(truths.length)
    entries.forEach((entry, index) => {
      expect(entry.source?.address).toBe(truths[index]?.source?.address)
      expect(entry.destination?.address).toBe(truths[index]?.destination?.address)
      expect(entry.text.replace(/truncated-ip6? - \d+ bytes missing! ?/, "")).toContain(
        `: ${truths[index]?.source?.address}`
      )
    })
  })
})
