import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "vitest"
import { plainEntry } from "../../../src/decode/PfLogEntry.ts"
import type { PacketEntry } from "../../../src/decode/packet/PacketEntry.ts"
import { decodeLine } from "../../../src/decode/text/TextDecoder.ts"
import { captureOf, decode } from "../../support/captures/CaptureInMemory.ts"
import { ip, ipv6 } from "../../support/captures/IpPacket.ts"
import type { PacketTruth } from "../../support/captures/PacketTruth.ts"
import type { LoggedPacket } from "../../support/captures/PcapWriter.ts"
import {
  freebsdHeader,
  type HeaderFields,
  type HeaderLayout,
  headerLayouts
} from "../../support/captures/PflogHeader.ts"
import { makeRandom } from "../../support/captures/Random.ts"
import { tcp } from "../../support/captures/Segment.ts"
import { hostile } from "../../support/captures/scenarios/Hostile.ts"
import { matrix } from "../../support/captures/scenarios/Matrix.ts"
import { sample } from "../../support/captures/scenarios/Sample.ts"

/** What tcpdump calls the reasons and actions of headers of 61 bytes: NetBSD's and macOS's, whichever system wrote them. */
const namesOfEither = {
  reasons: ["state-locked/dummynet", "invalid-port"],
  actions: ["dummynet", "nodummynet", "nat64", "nonat64"]
}

/**
 * The names that a header tells. One of 61 bytes tells its system by AF_INET6, or by what it notes of a packet without a
 * socket; of an IPv4 packet of a known user the system stays unknown.
 */
const withKnownNames = (truth: PacketTruth) => {
  const { numbers, reason, action, headerLength, uid, family, system } = truth
  if (headerLength > 64) return { reason, action }
  if (uid !== undefined && family === "ipv4")
    return {
      reason: namesOfEither.reasons[numbers.reason - 15] ?? reason,
      action: namesOfEither.actions[numbers.action - 11] ?? (numbers.action > 10 ? String(numbers.action) : action)
    }
  // FreeBSD's names are taken for DragonFly's, and NetBSD's for those of OpenBSD before 4.5 where a user is known.
  if (system === "dragonfly") return { reason, action: numbers.action === 12 ? "match" : action }
  if (system === "openbsd-4.4" && uid !== undefined)
    return { reason: numbers.reason === 15 ? "state-locked" : reason, action }
  return { reason, action }
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
    icmpRequest: truth.lies ? entry.icmpRequest : truth.icmpRequest,
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

/** A packet that was blocked inbound, with what differs from the usual in pf's header and in its addresses. */
const blocked = (different: {
  readonly header?: HeaderLayout
  readonly pf?: Partial<HeaderFields>
  readonly addresses?: { readonly source: string; readonly destination: string }
}): LoggedPacket => ({
  time: 1_795_327_200_000_000,
  header: different.header ?? freebsdHeader,
  pf: {
    ...{ rule: 1, ruleset: undefined, subrule: undefined, reason: 0, action: 1, direction: 1, interface: "em0" },
    ...{ uid: undefined, pid: undefined, ridentifier: undefined },
    ...different.pf
  },
  packet: ip({
    ...(different.addresses ?? { source: "192.0.2.7", destination: "198.51.100.9" }),
    segment: tcp({ ports: [4711, 22], flags: "S" })
  })
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

  it("names what NetBSD's and macOS's headers of 61 bytes tell, each by its own names", () => {
    const named = (name: string, ...numbers: ReadonlyArray<readonly [reason: number, action: number]>) => {
      const header = headerLayouts.get(name) ?? freebsdHeader
      const packets = numbers.map(([reason, action]) => blocked({ header, pf: { reason, action } }))
      return decode(captureOf(packets).bytes).entries.map((entry) => {
        expect(decodeLine(entry.text)).toMatchObject({ reason: entry.reason, action: entry.action })
        return [entry.reason, entry.action]
      })
    }
    expect(named("netbsd", [15, 1], [16, 1], [0, 11])).toEqual([
      ["state-locked", "block"],
      ["16", "block"],
      ["match", "11"]
    ])
    expect(named("macos", [15, 11], [16, 12], [0, 13], [0, 14], [17, 15])).toEqual([
      ["dummynet", "dummynet"],
      ["invalid-port", "nodummynet"],
      ["match", "nat64"],
      ["match", "nonat64"],
      ["17", "15"]
    ])
  })

  it("takes the family after translation from OpenBSD's header where the packet is of that one", () => {
    const header = headerLayouts.get("openbsd") ?? freebsdHeader
    const four = { source: "192.0.2.7", destination: "198.51.100.9" }
    const six = { source: "2001:db8::7", destination: "2001:db8::9" }
    const records = [
      { addresses: four, addressFamily: 24, translatedFamily: 2 },
      { addresses: six, addressFamily: 2, translatedFamily: 24 },
      // pf logged it before it was translated.
      { addresses: six, addressFamily: 24, translatedFamily: 2 },
      { addresses: four, addressFamily: 2, translatedFamily: 0 }
    ]
    const { bytes } = captureOf(
      records.map(({ addresses, addressFamily }) => blocked({ header, addresses, pf: { addressFamily } }))
    )
    let at = 24
    for (const { translatedFamily } of records) {
      bytes[at + 16 + 62] = translatedFamily
      at += 16 + bytes.readUInt32LE(at + 8)
    }
    const { entries } = decode(bytes)
    expect(entries.map(({ source }) => source?.address)).toEqual(records.map(({ addresses }) => addresses.source))
    expect(entries.map(({ tcpFlags }) => tcpFlags)).toEqual(["S", "S", "S", "S"])
  })

  it("says once of a header of a length that no known system writes, and tells only what every header holds", () => {
    const longer: HeaderLayout = { ...freebsdHeader, length: 76 }
    const pf = { uid: 1001, ridentifier: 7, reason: 15, action: 11 }
    const { bytes } = captureOf([
      blocked({ header: longer, pf }),
      blocked({ header: longer }),
      blocked({ header: { ...freebsdHeader, length: 120 } }),
      blocked({})
    ])
    const { entries, notices, problem } = decode(bytes)
    expect(problem).toBeUndefined()
    expect(notices).toEqual([expect.stringContaining("headers of 76 bytes"), expect.stringContaining("120 bytes")])
    expect(entries[0]).toMatchObject({
      ...{ uid: undefined, pid: undefined, ridentifier: undefined, reason: "15", action: "11", rule: 1 },
      ...{ interface: "em0", direction: "in", source: { address: "192.0.2.7", port: 4711 }, tcpFlags: "S" }
    })
    expect(entries.map(({ source }) => source?.port)).toEqual([4711, 4711, 4711, 4711])
  })

  it("gives no addresses behind a header of an unknown length where the packet does not fill its record", () => {
    // The header's own length is a lie: the packet begins four bytes later, and random bytes could look like one.
    const { bytes } = captureOf([blocked({ header: { ...freebsdHeader, length: 76 } })])
    bytes[24 + 16] = 80
    bytes[24 + 16 + 80] = 0x45
    expect(decode(bytes).entries).toMatchObject([{ source: undefined, family: undefined }])
  })

  it("reads a jumbogram by the length that its option tells, cut off as pf's are", () => {
    const jumbogram = (payload: number, option = 0xc2, captured?: number): LoggedPacket => {
      const body = Uint8Array.of(option, 4, 0, 0, 0, 0)
      new DataView(body.buffer).setUint32(2, payload)
      const segment = tcp({ ports: [4711, 22], flags: "S" })
      const whole = ipv6({
        source: "2001:db8::7",
        destination: "2001:db8::9",
        segment,
        extensions: [{ number: 0, body }]
      })
      new DataView(whole.bytes.buffer).setUint16(4, 0)
      const bytes = new Uint8Array(40 + payload)
      bytes.set(whole.bytes)
      return { ...blocked({}), packet: { ...whole, bytes }, captured: captured ?? 100 }
    }
    const { entries, notices, problem } = decode(
      captureOf([
        jumbogram(65_536),
        jumbogram(300_000),
        jumbogram(65_535),
        jumbogram(70_000, 0xc3),
        jumbogram(70_000, 0xc2, 46)
      ]).bytes
    )
    expect(problem).toBeUndefined()
    expect(notices).toEqual([expect.stringContaining("a packet of 300112 bytes")])
    const ports = { source: { port: 4711 }, destination: { port: 22 }, protocol: "tcp", tcpFlags: "S" }
    expect(entries).toMatchObject([
      { ...ports, payloadLength: 65_508 },
      { ...ports, payloadLength: 299_972 },
      { protocol: undefined, tcpFlags: undefined, source: { address: "2001:db8::7", port: undefined } },
      { protocol: undefined, source: { address: "2001:db8::7", port: undefined } },
      { protocol: undefined, source: { address: "2001:db8::7", port: undefined } }
    ])
    expect(entries[0]?.text).toMatch(/ HBH 4711 > 22: Flags \[S\], seq 0:65508, win \d+, length 65508$/)
    for (const entry of entries.slice(0, 2)) expect(decodeLine(entry.text)).toMatchObject(ports)
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
