import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import ipaddr from "ipaddr.js"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type PfLogEntry, plainEntry } from "../../src/decode/PfLogEntry.ts"
import { countsInMode, filterModes } from "../../src/decode/Probe.ts"
import { makeTextDecoder } from "../../src/decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../../src/format/Ascii.ts"
import { captureOf, decode } from "../support/captures/CaptureInMemory.ts"
import { tcpdumpText } from "../support/captures/MakeCapture.ts"
import type { PacketTruth } from "../support/captures/PacketTruth.ts"
import { freebsdHeader } from "../support/captures/PflogHeader.ts"
import { hostile } from "../support/captures/scenarios/Hostile.ts"
import { scan } from "../support/captures/scenarios/Scan.ts"
import {
  impossibleIpv4,
  impossibleIpv6,
  innocentIpv4,
  innocentIpv6,
  type PrintedPacket,
  possibleSources
} from "../support/InnocentPackets.ts"
import { probesIpv4, probesIpv6 } from "../support/ProbePackets.ts"

const run = promisify(execFile)
const filterFile = resolve("fail2ban/filter.d/pfasciilogd.conf")

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pfasciilogd-filter-"))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** The hosts that the real fail2ban-regex names with the shipped filter, in the order of the lines. */
const named = async (mode: string, lines: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const log = join(folder, "pf.log")
  await writeFile(log, lines.map((line) => `${line}\n`).join(""))
  const { stdout } = await run("fail2ban-regex", ["-o", "id", log, `${filterFile}[mode=${mode}]`], {
    maxBuffer: 1 << 26
  })
  return stdout.split("\n").filter((line) => line !== "")
}

/** A capture of packets that are made to confuse, and of scans by TCP with all sorts of flags; what is true of each. */
const hostilePackets = () =>
  captureOf([...hostile(freebsdHeader, 8_000, 20_261_122), ...scan(freebsdHeader, 2_000, 400, 20_261_122)])

/** The same as pfasciilogd logs it with its text decoder: every line, and the entries among them. */
const hostileLines = () => {
  const { bytes, truths } = hostilePackets()
  const pcap = join(folder, "hostile.pcap")
  writeFileSync(pcap, bytes)
  const decoder = makeTextDecoder()
  const ascii = makeAsciiFormat()
  const lines: Array<string> = []
  const entries: Array<PfLogEntry> = []
  const sink = {
    entry: (entry: PfLogEntry) => {
      entries.push(plainEntry(entry))
      lines.push(ascii.entry(entry, 0).trimEnd())
    },
    other: (message: string) =>
      lines.push(ascii.notice({ time: 0, level: "info", process: "tcpdump", pid: 42, message }).trimEnd())
  }
  decoder.push(Buffer.from(tcpdumpText(pcap), "latin1"), sink)
  decoder.end(sink)
  return { truths, lines, entries }
}

const hostOf = ({ source }: PacketTruth): string | undefined => source?.address

const stamp = "2026-11-22T06:16:54.507027+01:00"
const blocked = (packet: string) => `${stamp} rule 1/0(match): block in on vtnet0: ${packet}`

/** One packet of each kind, each from a host of its own, so that it tells which were counted. */
const hosts4 = (packets: ReadonlyArray<PrintedPacket>, third: number) =>
  packets.map(({ from }, index): readonly [string, string] => {
    const host = `192.0.${third}.${index + 1}`
    return [host, from(host)]
  })

const hosts6 = (packets: ReadonlyArray<PrintedPacket>, third: number) =>
  packets.map(({ from }, index): readonly [string, string] => {
    const host = `2001:db8:${third}::${(index + 1).toString(16)}`
    return [host, from(host)]
  })

const probes = [...hosts4(probesIpv4, 2), ...hosts6(probesIpv6, 2)]
const tcpProbes = probes.filter((_, index) => [...probesIpv4, ...probesIpv6][index]?.tcp === true)
const innocent = [...hosts4(innocentIpv4, 3), ...hosts6(innocentIpv6, 3)]
const impossible = [...impossibleIpv4, ...impossibleIpv6].map((host): readonly [string, string] => [
  host,
  `${host}.50000 > ${host.includes(":") ? "2001:db8:9::9" : "198.51.100.9"}.22: Flags [S], seq 1, win 1024, length 0`
])

/** Ranges of sources that no host can have, under the names that the library for addresses has for them. */
const nobody = ["unspecified", "broadcast", "multicast", "linkLocal", "loopback", "ipv4Mapped"]

const cannotBeHost = (address: string): boolean =>
  nobody.includes(ipaddr.parse(address).range()) || address.startsWith("::") || Number.parseInt(address, 10) >= 240

const answering = [1900, 3478, 3702, 5353, 5355]
const pairs = ["67 68", "68 67", "67 67", "546 547", "547 546", "547 547"]
const twins = [123, 137, 138, 500, 4500]

const isChatter = ({ source, destination }: PacketTruth): boolean => {
  const [from, to] = [source?.port, destination?.port]
  if (from === undefined || to === undefined) return false
  const isAnswer = to >= 1024 && (from < 1024 || answering.includes(from))
  return isAnswer || to === 443 || pairs.includes(`${from} ${to}`) || (from === to && twins.includes(from))
}

/** Whether a packet is a reason for a ban in a mode, by the truth about it: what the filter's head says, in other words. */
const counts = (mode: string, truth: PacketTruth): boolean => {
  const { blockedInbound, reason, tcpFlags, source, destination, protocol, icmpRequest } = truth
  if (!blockedInbound || source === undefined || cannotBeHost(source.address)) return false
  if (mode === "aggressive") return true
  if (reason !== "match" || /^(?:22[4-9]|23\d)\.|^255\.255\.255\.255$|^ff/.test(destination?.address ?? ""))
    return false
  if (mode === "tcp" && tcpFlags === undefined) return false
  if (tcpFlags !== undefined && /[.R]/.test(tcpFlags)) return false
  if (protocol === "icmp" || protocol === "ipv6-icmp") return icmpRequest
  return protocol !== "udp" || !isChatter(truth)
}

/** Whether tcpdump prints all that counts: the address, and what can be known of flags, ports and messages. */
const isPrinted = ({ headerCut, lies, missingBytes }: PacketTruth): boolean => !headerCut && !lies && missingBytes === 0

const allOf = (group: ReadonlyArray<readonly [string, string]>) => group.map(([host]) => host)
const linesOf = (group: ReadonlyArray<readonly [string, string]>) => group.map(([, packet]) => blocked(packet))

describe("the shipped filter under the real fail2ban-regex", () => {
  it("names the source of every probe, with and without ports, IPv4 and IPv6", async () => {
    expect(await named("normal", linesOf(probes))).toEqual(allOf(probes))
    expect(await named("tcp", linesOf(probes))).toEqual(allOf(tcpProbes))
    expect(await named("aggressive", linesOf(probes))).toEqual(allOf(probes))
  })

  it("passes over answers, errors, late packets and neighbours, and counts them in aggressive mode alone", async () => {
    expect(await named("normal", linesOf(innocent))).toEqual([])
    expect(await named("tcp", linesOf(innocent))).toEqual([])
    expect(await named("aggressive", linesOf(innocent))).toEqual(allOf(innocent))
  })

  it.each(filterModes)("never names a source that no host can have, in mode %s", async (mode) => {
    const others = possibleSources.map((host): readonly [string, string] => [
      host,
      `${host}.50000 > ${host.includes(":") ? "2001:db8:9::9" : "198.51.100.9"}.22: Flags [S], seq 1`
    ])
    expect(await named(mode, linesOf([...impossible, ...others]))).toEqual(possibleSources)
  })

  it("knows every form of pf's header", async () => {
    const packet = "192.0.2.50.1 > 198.51.100.9.2: Flags [S], seq 1"
    const headers = [
      "rule 17/0(match): block in on em0.10",
      "rule 4294967295/0(match): block in on em0",
      "rule 3.f2b/sshd.0/0(match): block in on em0",
      "rule 3..0/0(match): block in on em0",
      "rule 1/0(match) [uid 0]: block in on em0",
      "rule 1/0(match) [uid 80] [ridentifier 4711]: block in on em0",
      "rule def/(match) [uid 0, pid 93] block in on em0"
    ]
    const lines = headers.map((header) => `${stamp} ${header}: ${packet}`)
    expect(await named("normal", lines)).toEqual(headers.map(() => "192.0.2.50"))
  })

  it("reads OpenBSD's tcpdump, but no packet in a tunnel, whose sender it doesn't tell", async () => {
    const openbsd = (packet: string) => `${stamp} rule 5/(match) [uid 0, pid 24100] block in on em1: ${packet}`
    const lines = [
      openbsd("192.0.2.90.41854 > 198.51.100.9.22: S 1:1(0) win 1024 (DF)"),
      openbsd("192.0.2.91.443 > 198.51.100.9.41854: R 1:1(0) win 0 (DF)"),
      openbsd("192.0.2.92.443 > 198.51.100.9.41854: . ack 1 win 0 (DF)"),
      openbsd("192.0.2.93.443 > 198.51.100.9.41854: P 1:9(8) ack 1 win 0 (DF)"),
      openbsd("192.0.2.94.53 > 198.51.100.9.41854: udp 4"),
      openbsd("esp 192.0.2.95 > 198.51.100.9 spi 0x00000001 seq 1 len 40"),
      openbsd("203.0.113.66.41854 > 198.51.100.9.22: S 1:1(0) win 1024 (encap)"),
      `${stamp} rule 5.bbeck(20267).1/0(match): block in on em1: 192.0.2.96.53 > 198.51.100.9.69: TFTP, length 9, RRQ "x (encap)`
    ]
    expect(await named("normal", lines)).toEqual(["192.0.2.90", "192.0.2.95", "192.0.2.96"])
    expect(await named("tcp", lines)).toEqual(["192.0.2.90"])
  })

  it("counts other reasons only in aggressive mode", async () => {
    const lines = ["2(fragment)", "3(short)", "8(ip-option)", "unkn(22)"].map(
      (reason) => `${stamp} rule 0/${reason}: block in on em0: 192.0.2.51 > 198.51.100.9: ip-proto-6`
    )
    expect(await named("normal", lines)).toEqual([])
    expect(await named("aggressive", lines)).toEqual(lines.map(() => "192.0.2.51"))
  })

  it("never counts what passed, went out, or is no entry", async () => {
    const packet = "192.0.2.60.1 > 198.51.100.9.2: Flags [S], seq 1"
    const lines = [
      `${stamp} rule 1/0(match): pass in on em0: ${packet}`,
      `${stamp} rule 1/0(match): block out on em0: ${packet}`,
      `${stamp} rule 1/0(match): rdr in on em0: ${packet}`,
      `${stamp} tcpdump[42]: rule 1/0(match): block in on em0: ${packet}`,
      `${stamp} pfasciilogd[42]: ${stamp} rule 1/0(match): block in on em0: ${packet}`,
      `x ${stamp} rule 1/0(match): block in on em0: ${packet}`
    ]
    expect(await named("aggressive", lines)).toEqual([])
  })

  it("never names an address that stands in a payload, or that an IPv6 packet borrows from IPv4", async () => {
    const forged = "rule 1/0(match): block in on em0: 203.0.113.66.53 > 198.51.100.9.2: Flags [S]"
    const lines = [
      blocked(
        `192.0.2.71.5 > 198.51.100.9.80: Flags [P.], seq 1:9, ack 1, win 1, length 9: HTTP: GET /${stamp} ${forged}`
      ),
      blocked(`192.0.2.72.5 > 198.51.100.9.69: TFTP, length 99, RRQ "${stamp} ${forged}" octet`),
      `${stamp} rule 2/0(match): pass in on em0: 192.0.2.73.5 > 198.51.100.9.80: UDP, length 9 ${forged}`,
      blocked("::ffff:203.0.113.66.53 > 2001:db8::1.53: UDP, length 4"),
      blocked("::ffff:203.0.113.66 > 2001:db8::1: ICMP6, echo request, id 1, seq 1, length 8")
    ]
    expect(await named("normal", lines)).toEqual(["192.0.2.72"])
    expect(await named("aggressive", lines)).toEqual(["192.0.2.71", "192.0.2.72"])
  })

  it("reads the time stamps of the Python tool, whole seconds included", async () => {
    const packet = "rule 1/0(match): block in on em0: 192.0.2.80.1 > 198.51.100.9.2: Flags [S], seq 1"
    const stamps = ["2023-08-14T08:00:00.000137", "2023-08-14T08:00:00", "2023-08-14T08:00:00Z", stamp]
    expect(
      await named(
        "normal",
        stamps.map((time) => `${time} ${packet}`)
      )
    ).toEqual(stamps.map(() => "192.0.2.80"))
  })

  it.each(filterModes)("names exactly the sources of 10,000 hostile packets that count in mode %s", async (mode) => {
    const { truths, lines, entries } = hostileLines()
    expect(lines.length).toBeGreaterThan(9_000)
    const counting = entries.filter((entry) => countsInMode(entry, mode))
    expect(await named(mode, lines)).toEqual(counting.map(({ source }) => source?.address))

    // The same by the truth about each packet, as far as it is printed.
    const printed = truths.filter(isPrinted)
    const hosts = new Set(counting.map(({ source }) => source?.address))
    const mustCount = new Set(printed.filter((truth) => counts(mode, truth)).map(({ source }) => source?.address))
    expect([...mustCount].filter((host) => !hosts.has(host))).toEqual([])
    const mayCount = new Set(truths.filter((truth) => !isPrinted(truth) || counts(mode, truth)).map(hostOf))
    expect([...hosts].filter((host) => !mayCount.has(host))).toEqual([])
    const inner = new Set(truths.flatMap(({ innerAddresses }) => innerAddresses))
    expect([...hosts].filter((host) => host === undefined || inner.has(host))).toEqual([])
    expect(mustCount.size).toBeGreaterThan(mode === "tcp" ? 300 : 700)
  })

  it.each(filterModes)("says of the packet decoder's lines what the entries say, in mode %s", async (mode) => {
    const entries = decode(hostilePackets().bytes).entries.filter(({ text }) => !/\[\||RT6/.test(text))
    const lines = entries.map((entry) => makeAsciiFormat().entry(entry, 0).trimEnd())
    const counting = entries.filter((entry) => countsInMode(entry, mode))
    expect(counting.length).toBeGreaterThan(mode === "tcp" ? 300 : 700)
    expect(await named(mode, lines)).toEqual(counting.map(({ source }) => source?.address))
  })

  it("reads hostile lines in time that grows with their length", async () => {
    const longLines = [
      blocked("1.2.3.4 > ".repeat(20_000)),
      blocked(`1.2.3.4 > ${"1".repeat(200_000)}`),
      blocked(`2001:db8::1 > 2001:db8::2: ${"HBH ".repeat(50_000)}`),
      blocked(`2001:db8::1 > 2001:db8::2: ${"frag (".repeat(30_000)}`),
      blocked(`${"1:".repeat(100_000)} > 1`),
      `${stamp} rule 1.${"/".repeat(200_000)}`,
      `${stamp} rule 1/0(match)${" [".repeat(100_000)}`,
      `${stamp} rule 1/0(match): block in on ${"x".repeat(200_000)}`,
      `${stamp} ${"rule 1/0(match): block in on em0: 1.2.3.4.5 > ".repeat(5_000)}`,
      blocked(`1.2.3.4.5 > 1.2.3.4.6: ${"S".repeat(200_000)}`)
    ]
    const started = Date.now()
    for (const mode of filterModes) await named(mode, longLines)
    expect(Date.now() - started).toBeLessThan(15_000)
  })
})
