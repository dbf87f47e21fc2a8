import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import { makeTextDecoder } from "../../src/decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../../src/format/Ascii.ts"
import { writeCapture } from "../support/captures/CaptureFile.ts"
import { capturePackets, requestFromFlags } from "../support/captures/CaptureRequest.ts"
import { type PacketTruth, truthOf } from "../support/captures/PacketTruth.ts"

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

const stamp = "2026-11-22T06:16:54.507027+01:00"
const blocked = (packet: string) => `${stamp} rule 1/0(match): block in on vtnet0: ${packet}`

const probes = [
  ["192.0.2.1", "192.0.2.1.41854 > 198.51.100.9.6379: Flags [S], seq 1, win 1024, length 0"],
  ["192.0.2.2", "192.0.2.2.41854 > 198.51.100.9.6379: Flags [F], seq 1, win 1024, length 0"],
  ["192.0.2.3", "192.0.2.3.41854 > 198.51.100.9.6379: Flags [none], win 1024, length 0"],
  ["192.0.2.4", "192.0.2.4.41854 > 198.51.100.9.6379: Flags [FPU], seq 1, win 1024, urg 0, length 0"],
  ["192.0.2.5", "192.0.2.5.41854 > 198.51.100.9.6379: Flags [SEW], seq 1, win 1024, length 0"],
  ["192.0.2.6", "192.0.2.6.53 > 198.51.100.9.4444: UDP, length 4"],
  ["192.0.2.70", "192.0.2.70 > 198.51.100.9: ICMP echo request, id 1, seq 1, length 64"],
  ["192.0.2.8", "192.0.2.8 > 198.51.100.9: GREv0, length 40: IP 203.0.113.1.5 > 203.0.113.2.6: Flags [.], ack 1"],
  ["192.0.2.9", "192.0.2.9 > 198.51.100.9: ip-proto-17"],
  ["192.0.2.10", "truncated-ip - 20 bytes missing! 192.0.2.10.1 > 198.51.100.9.2: UDP, length 40"],
  ["2001:db8::11", "2001:db8::11.50000 > 2001:db8::2.22: Flags [S], seq 1, win 1024, length 0"],
  ["2001:db8::12", "2001:db8::12 > 2001:db8::2: ICMP6, echo request, id 1, seq 1, length 64"],
  ["2001:db8::13", "truncated-ip6 - 20 bytes missing!2001:db8::13.1 > 2001:db8::2.2: UDP, length 40"],
  ["2001:db8::14", "2001:db8::14 > 2001:db8::2: HBH 1234 > 80: Flags [S], seq 1, win 1024, length 0"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6.5 > 2001:db8::2.6: [|udp]"]
] as const

const late = [
  ["192.0.2.31", "192.0.2.31.443 > 198.51.100.9.41854: Flags [S.], seq 1, ack 2, win 1024, length 0"],
  ["192.0.2.32", "192.0.2.32.443 > 198.51.100.9.41854: Flags [.], ack 2, win 1024, length 0"],
  ["192.0.2.33", "192.0.2.33.443 > 198.51.100.9.41854: Flags [R], seq 1, win 0, length 0"],
  ["192.0.2.34", "192.0.2.34.443 > 198.51.100.9.41854: Flags [F.], seq 1, ack 2, win 1024, length 0"],
  ["2001:db8::35", "2001:db8::35 > 2001:db8::2: DSTOPT 443 > 1234: Flags [P.], seq 1:2, ack 2, win 1024, length 1"]
] as const

const groupwide = [
  ["192.0.2.41", "192.0.2.41.5353 > 224.0.0.251.5353: 0 PTR (QM)? _ipp._tcp.local. (32)"],
  ["192.0.2.42", "192.0.2.42.68 > 255.255.255.255.67: BOOTP/DHCP, Request, length 300"],
  ["192.0.2.43", "192.0.2.43 > 239.255.255.250: igmp v2 report 239.255.255.250"],
  ["fe80::44", "fe80::44 > ff02::2: ICMP6, router solicitation, length 16"]
] as const

/** Whether a packet is a reason for a ban in a mode, by the truth about it. */
const counts = (mode: string, { reason, tcpFlags, destination }: PacketTruth): boolean =>
  mode === "aggressive" ||
  (reason === "match" &&
    !/[.R]/.test(tcpFlags ?? "") &&
    !/^(?:22[4-9]|23\d)\.|^255\.255\.255\.255$|^ff/.test(destination?.address ?? ""))

/** Whether tcpdump prints the address, and flags that are true: of a cut SCTP packet it prints neither. */
const isPrinted = ({ headerCut, lies, protocol, missingBytes }: PacketTruth): boolean =>
  !headerCut && !lies && !(protocol === "sctp" && missingBytes > 0)

/** Not an IPv6 packet that claims to come from an IPv4 address, or from none. */
const canBeNamed = (host: string): boolean => host !== "::" && !/^::(?:ffff:)?[\d.]+$/.test(host)

const allOf = (group: ReadonlyArray<readonly [string, string]>) => group.map(([host]) => host)
const linesOf = (group: ReadonlyArray<readonly [string, string]>) => group.map(([, packet]) => blocked(packet))

describe("the shipped filter under the real fail2ban-regex", () => {
  it("names the source of every probe, with and without ports, IPv4 and IPv6", async () => {
    expect(await named("normal", linesOf(probes))).toEqual(allOf(probes))
    expect(await named("aggressive", linesOf(probes))).toEqual(allOf(probes))
  })

  it("passes over late TCP packets, multicast and broadcast in normal mode, and counts them in aggressive mode", async () => {
    expect(await named("normal", linesOf([...late, ...groupwide]))).toEqual([])
    expect(await named("aggressive", linesOf([...late, ...groupwide]))).toEqual(allOf([...late, ...groupwide]))
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
    expect(await named("normal", lines)).toEqual(["192.0.2.90", "192.0.2.94", "192.0.2.95", "192.0.2.96"])
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

  it.each(["normal", "aggressive"])(
    "names exactly the sources of 4,000 hostile packets that count in mode %s",
    async (mode) => {
      const pcap = join(folder, "hostile.pcap")
      const request = requestFromFlags(["hostile"], { packets: "4000", seed: "20261122", out: pcap })
      const truths: Array<PacketTruth> = []
      const packets = [...capturePackets(request)]
      for (const [index, packet] of packets.entries()) truths.push(truthOf(index, packet))
      writeCapture(packets, request.format, request.target)
      const { stdout } = await run("tcpdump", ["-tt", "-e", "-n", "-S", "-r", pcap], {
        maxBuffer: 1 << 28,
        encoding: "latin1"
      })
      const decoder = makeTextDecoder()
      const ascii = makeAsciiFormat()
      const lines: Array<string> = []
      const sink = {
        entry: (entry: PfLogEntry) => lines.push(ascii.entry(entry, 0).trimEnd()),
        other: (message: string) =>
          lines.push(ascii.notice({ time: 0, level: "info", process: "tcpdump", pid: 42, message }).trimEnd())
      }
      decoder.push(Buffer.from(stdout, "latin1"), sink)
      decoder.end(sink)

      const hosts = new Set(await named(mode, lines))
      const counting = truths.filter((truth) => truth.blockedInbound && isPrinted(truth) && counts(mode, truth))
      const covered = new Set(counting.map(({ source }) => source?.address ?? "").filter(canBeNamed))
      expect([...covered].filter((host) => !hosts.has(host))).toEqual([])
      const allowed = new Set(
        truths.filter(({ blockedInbound }) => blockedInbound).map(({ source }) => source?.address)
      )
      expect([...hosts].filter((host) => !allowed.has(host))).toEqual([])
      const inner = new Set(truths.flatMap(({ innerAddresses }) => innerAddresses))
      expect([...hosts].filter((host) => inner.has(host))).toEqual([])
      expect(covered.size).toBeGreaterThan(200)
    }
  )

  it("reads hostile lines in time that grows with their length", async () => {
    const hostile = [
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
    await named("normal", hostile)
    await named("aggressive", hostile)
    expect(Date.now() - started).toBeLessThan(10_000)
  })
})
