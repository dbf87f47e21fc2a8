import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { plainEntry } from "../../src/decode/PfLogEntry.ts"
import type { PacketEntry } from "../../src/decode/packet/PacketEntry.ts"
import { decodeLine } from "../../src/decode/text/TextDecoder.ts"
import { type Capture, captureOf, decode } from "../support/captures/CaptureInMemory.ts"
import { ipv4, ipv6 } from "../support/captures/IpPacket.ts"
import { tcpdumpText } from "../support/captures/MakeCapture.ts"
import type { LoggedPacket } from "../support/captures/PcapWriter.ts"
import { freebsdHeader, type HeaderFields, headerLayouts } from "../support/captures/PflogHeader.ts"
import { makeRandom } from "../support/captures/Random.ts"
import { type Segment, tcp } from "../support/captures/Segment.ts"
import { flood } from "../support/captures/scenarios/Flood.ts"
import { hostile } from "../support/captures/scenarios/Hostile.ts"
import { matrix } from "../support/captures/scenarios/Matrix.ts"
import { sample } from "../support/captures/scenarios/Sample.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "packet-differential-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** tcpdump's first line of each packet, without its time stamp. */
const tcpdumpLines = (bytes: Uint8Array): ReadonlyArray<string> => {
  const path = join(folder, "capture.pcap")
  writeFileSync(path, bytes)
  return [...tcpdumpText(path).matchAll(/^\d{9,}\.\d{6} (rule .*)$/gm)].map(([, line = ""]) => line)
}

/** The packets that tcpdump tells to the end of its line without a word of their data: TCP, UDP and echo. */
const isPlain = (line: string): boolean =>
  /: (Flags \[\S+\][ -~]* length \d+|UDP, length \d+|ICMP echo re[a-z]+, id \d+, seq \d+, length \d+|ICMP6, echo re[a-z]+, id \d+, seq \d+, length \d+)$/.test(
    line
  ) &&
  !line.includes("GREv0") &&
  line.split(" > ").length === 2

/** The packets with a head that names all: tcpdump 4.99.3 has no name, or a wrong one, for the others. */
const hasKnownHead = ({ pflog }: PacketEntry): boolean =>
  ![3, 4].includes(pflog.reasonNumber) &&
  pflog.reasonNumber < 15 &&
  pflog.actionNumber !== 3 &&
  pflog.actionNumber < 11 &&
  pflog.directionNumber < 3

/** A line up to the colon behind the destination; tcpdump leaves the addresses out where IP options are cut off. */
const headAndAddresses = (line: string): string => /^rule .*? on \S+: .*? > \S+/.exec(line)?.[0] ?? line

const compare = ({ bytes }: Capture) => {
  const lines = tcpdumpLines(bytes)
  const { entries, problem } = decode(bytes)
  expect(problem).toBeUndefined()
  expect(entries).toHaveLength(lines.length)
  const pairs = entries.flatMap((entry, index) => {
    const line = lines[index]
    return line !== undefined && hasKnownHead(entry) ? [{ entry, line }] : []
  })
  return { pairs, plain: pairs.filter(({ line }) => isPlain(line)) }
}

describe("a packet's line", () => {
  it.each([
    ["matrix", () => captureOf(matrix([...headerLayouts.values()])), 1400],
    ["hostile", () => captureOf(hostile(freebsdHeader, 6000, 3)), 600],
    [
      "hostile, big-endian",
      () => captureOf(hostile(freebsdHeader, 2000, 4), { byteOrder: "big", precision: "nano" }),
      200
    ],
    ["sample", () => captureOf(sample(freebsdHeader)), 150],
    ["flood", () => captureOf(flood(freebsdHeader, 3000, 3000)), 3000]
  ])(
    "is tcpdump's where that is plain TCP, UDP or echo, and has its head and addresses elsewhere (%s)",
    (_, capture, least) => {
      const { pairs, plain } = compare(capture())
      expect(plain.length).toBeGreaterThanOrEqual(least)
      expect(
        plain.filter(({ entry, line }) => entry.text !== line).map(({ entry, line }) => [entry.text, line])
      ).toEqual([])
      const different = pairs
        .filter(({ line }) => !line.endsWith(" [|ip]"))
        .filter(({ entry, line }) => headAndAddresses(entry.text) !== headAndAddresses(line))
      expect(different.map(({ entry, line }) => [entry.text, line])).toEqual([])
    }
  )

  it("is decoded as text to the fields that the packet has", () => {
    for (const { bytes } of [
      captureOf(matrix([...headerLayouts.values()])),
      captureOf(hostile(freebsdHeader, 6000, 8))
    ]) {
      const different = decode(bytes).entries.flatMap((entry) => {
        const fromPacket = { ...plainEntry(entry), ...unknownToText }
        const fromText = decodeLine(entry.text)
        if (fromText === undefined) return [entry.text]
        const told = tellsLess(entry) ? { ...fromText, ...lessInText(entry) } : fromText
        return isDeepStrictEqual(fromPacket, { ...told, time: undefined })
          ? []
          : [JSON.stringify([fromPacket, fromText])]
      })
      expect(different).toEqual([])
    }
  })
})

const unknownToText = { time: undefined, uid: undefined, pid: undefined, ridentifier: undefined }

/** Of a cut or broken header, and of a fragment, the line tells less than there is in the packet. */
const tellsLess = ({ text, fragment, packet, payloadLength }: PacketEntry): boolean =>
  /\[(bad |\|)/.test(text) || fragment || (payloadLength === undefined && packet.end - packet.transport < 8)

const lessInText = ({ protocol, fragment, payloadLength }: PacketEntry) => ({ protocol, fragment, payloadLength })

describe("a protocol that is not looked into", () => {
  /** What tcpdump and we say behind the addresses begins alike, or with a number on both sides. */
  const named = (line: string): string =>
    /: (\[?[A-Za-z]+v?| {1,2}ip-proto-\d+| nd)/.exec(line.slice(line.indexOf(" > ")))?.[1] ?? ""

  it("has the name that tcpdump gives it, of any number, in both families", () => {
    // tcpdump prints these as the packet inside, whose addresses the sender chooses, or with ports.
    const unlike = new Set([4, 41, 43, 44, 0, 60, 51, 113])
    const bytes = Uint8Array.of(59, 1, 0, 0, ...Array.from({ length: 36 }, () => 0))
    const packets = Array.from({ length: 256 }, (_, protocolNumber) => protocolNumber)
      .filter((protocolNumber) => !unlike.has(protocolNumber))
      .flatMap((protocolNumber) => {
        const segment = { ...unknownSegment, bytes, protocolNumber }
        return [
          ipv4({ source: "192.0.2.1", destination: "198.51.100.10", segment }),
          ipv6({ source: "2001:db8::1", destination: "2001:db8::2", segment })
        ]
      })
    const { bytes: capture } = captureOf(
      packets.map((packet, index) => ({
        time: 1_795_327_200_000_000 + index,
        header: freebsdHeader,
        pf: blocked,
        packet
      }))
    )
    const lines = tcpdumpLines(capture)
    const { entries } = decode(capture)
    expect(entries).toHaveLength(packets.length)
    const pairs = entries.map((entry, index) => ({ entry, line: lines[index] ?? "" }))
    expect(pairs.filter(({ entry, line }) => entry.protocol !== decodeLine(line)?.protocol)).toEqual([])
    expect(pairs.filter(({ entry }) => entry.protocol !== decodeLine(entry.text)?.protocol)).toEqual([])
    // tcpdump writes an Ethernet frame by its addresses, and that it does not know this version of RSVP.
    const texts = pairs.filter(({ line }) => !/, 802\.3|ERROR: RSVP/.test(line))
    expect(
      texts.filter(({ entry, line }) => named(entry.text) !== named(line)).map(({ entry, line }) => [entry.text, line])
    ).toEqual([])
  })

  it("of IPv6's number 62 is Mobile IPv6, whatever its message", () => {
    for (let type = 0; type < 10; type++) {
      const segment = {
        ...unknownSegment,
        protocolNumber: 62,
        bytes: Uint8Array.of(59, 4, type, ...Array.from({ length: 37 }, () => 0))
      }
      const packet = ipv6({ source: "2001:db8::1", destination: "2001:db8::2", segment })
      const { bytes: capture } = captureOf([
        { time: 1_795_327_200_000_000, header: freebsdHeader, pf: blocked, packet }
      ])
      const [entry] = decode(capture).entries
      expect(entry?.protocol).toBe("mobility-header")
      expect(tcpdumpLines(capture)[0]?.startsWith(entry?.text ?? "none")).toBe(true)
    }
  })
})

describe("the TCP options in a line", () => {
  it("are told as tcpdump tells them, whatever their bytes (multipath TCP apart)", () => {
    const random = makeRandom(30)
    const kinds = [0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 13, 19, 20, 28, 29, 34, 77, 253, 254] as const
    const lengths = [2, 3, 4, 6, 8, 10, 12, 18, 20, 34] as const
    const packets = Array.from({ length: 4000 }, (_, index): LoggedPacket => {
      const options: Array<number> = []
      while (options.length < 40 && !random.oneIn(6)) {
        const length = random.pick(lengths)
        options.push(random.pick(kinds), random.oneIn(12) ? random.below(256) : length, ...random.bytes(length - 2))
      }
      const segment = tcp({ ports: [40_000, 22_222], flags: "S", options: Uint8Array.from(options.slice(0, 40)) })
      const packet = ipv4({ source: "192.0.2.1", destination: "198.51.100.10", segment })
      const cut = random.oneIn(5) ? { captured: random.between(40, packet.bytes.length) } : {}
      return { time: 1_795_327_200_000_000 + index, header: freebsdHeader, pf: blocked, packet, ...cut }
    })
    const { bytes } = captureOf(packets)
    const lines = tcpdumpLines(bytes)
    expect(decode(bytes).entries.map(({ text }) => text)).toEqual(lines)
  })
})

const unknownSegment: Segment = {
  bytes: new Uint8Array(0),
  protocolNumber: 0,
  protocol: undefined,
  ports: undefined,
  tcpFlags: undefined,
  payloadLength: undefined,
  checksumAt: undefined,
  innerAddresses: []
}

const blocked: HeaderFields = {
  rule: 1,
  ruleset: undefined,
  subrule: undefined,
  reason: 0,
  action: 1,
  direction: 1,
  interface: "em0",
  uid: undefined,
  pid: undefined,
  ridentifier: undefined
}
