import { describe, expect, it } from "vitest"
import { makeFilterlogFormat } from "../../src/format/Filterlog.ts"
import type { Notice } from "../../src/format/Format.ts"
import { captureOf, decode } from "../support/captures/CaptureInMemory.ts"
import { hopByHop, type IpPacket, ipv4, ipv6 } from "../support/captures/IpPacket.ts"
import { freebsdHeader, type HeaderFields } from "../support/captures/PflogHeader.ts"
import { icmp, icmp6, rawSegment, sctp, synOptions, tcp, textPayload, udp } from "../support/captures/Segment.ts"
import { hostile } from "../support/captures/scenarios/Hostile.ts"

// Of the local time zone only that of RFC 3164's stamp is seen: a moment in the middle of a month.
const time = Date.UTC(2026, 10, 5, 5, 16, 54, 507) * 1000 + 27
const localStamp = new Date(time / 1000)
const clock = [localStamp.getHours(), localStamp.getMinutes(), localStamp.getSeconds()]
  .map((part) => String(part).padStart(2, "0"))
  .join(":")

const from = { source: "192.0.2.1", destination: "198.51.100.10" }
const from6 = { source: "2001:db8::1", destination: "2001:db8::10" }

const blocked: HeaderFields = {
  rule: 17,
  ruleset: undefined,
  subrule: undefined,
  reason: 0,
  action: 1,
  direction: 1,
  interface: "vtnet0",
  uid: undefined,
  pid: undefined,
  ridentifier: 1_000_000_103
}

const linesOf = (packet: IpPacket, pf: Partial<HeaderFields> = {}, captured?: number): string => {
  const cut = captured === undefined ? {} : { captured }
  const { bytes } = captureOf([{ time, header: freebsdHeader, pf: { ...blocked, ...pf }, packet, ...cut }])
  const format = makeFilterlogFormat({ hostname: "fw.example.org", pid: 4711, syslog: "rfc3164" })
  return decode(bytes)
    .entries.map((entry) => format.entry(entry, 0))
    .join("")
}

const csvOf = (packet: IpPacket, pf: Partial<HeaderFields> = {}, captured?: number): string =>
  linesOf(packet, pf, captured)
    .replace(/^.*?\]: /, "")
    .trimEnd()

const syn = tcp({ ports: [41854, 22], flags: "S", sequence: 1, window: 64_240, options: synOptions })

describe("a line of filterlog", () => {
  it("begins as syslogd writes it (RFC 3164)", () => {
    expect(linesOf(ipv4({ ...from, segment: syn, dontFragment: true, identification: 7 }))).toBe(
      `Nov  5 ${clock} fw filterlog[4711]: 17,,,1000000103,vtnet0,match,block,in,4,0x0,,64,7,0,DF,6,tcp,60,192.0.2.1,198.51.100.10,41854,22,0,S,1,,64240,,mss;sackOK;TS;nop;wscale\n`
    )
  })

  it("gives data, all flags, acknowledgment and urgent pointer of TCP", () => {
    const flags = "FSRP.UEW"
    const segment = tcp({
      ports: [1, 2],
      flags,
      sequence: 0xffff_fffe,
      acknowledgment: 9,
      window: 3,
      payload: textPayload("data")
    })
    expect(csvOf(ipv4({ ...from, segment }))).toBe(
      "17,,,1000000103,vtnet0,match,block,in,4,0x0,,64,0,0,none,6,tcp,44,192.0.2.1,198.51.100.10,1,2,4,FSRPAUEC,4294967294:2,9,3,0,"
    )
  })

  it("leaves the sequence number of a bare acknowledgment out", () => {
    const segment = tcp({ ports: [1, 2], flags: ".", sequence: 5, acknowledgment: 9, window: 3 })
    expect(csvOf(ipv4({ ...from, segment }))).toMatch(/,1,2,0,A,,9,3,,$/)
  })

  it("tells class, flow label and hop limit of IPv6, and the protocol behind its extension headers", () => {
    const packet = ipv6({ ...from6, segment: syn, hopLimit: 49, extensions: [hopByHop] })
    packet.bytes[0] = 0x6a
    packet.bytes[1] = 0x5c
    packet.bytes[2] = 0xde
    packet.bytes[3] = 0xf0
    expect(csvOf(packet)).toBe(
      "17,,,1000000103,vtnet0,match,block,in,6,0xa5,0xcdef0,49,tcp,6,48,2001:db8::1,2001:db8::10,41854,22,0,S,1,,64240,,mss;sackOK;TS;nop;wscale"
    )
  })

  it.each([
    [
      "udp",
      ipv4({ ...from, segment: udp([53, 5353], textPayload("abc")) }),
      "17,udp,31,192.0.2.1,198.51.100.10,53,5353,11"
    ],
    ["udp over IPv6", ipv6({ ...from6, segment: udp([53, 5353]) }), "udp,17,8,2001:db8::1,2001:db8::10,53,5353,8"],
    ["sctp", ipv4({ ...from, segment: sctp([5060, 5061]) }), "132,sctp,"],
    [
      "an echo request",
      ipv4({ ...from, segment: icmp(8, 0, 0x04d2_0001) }),
      "1,icmp,28,192.0.2.1,198.51.100.10,request,1234,1"
    ],
    ["an echo reply", ipv4({ ...from, segment: icmp(0, 0, 0x04d2_0002) }), "reply,1234,2"],
    ["needed fragmentation", ipv4({ ...from, segment: icmp(3, 4, 1400, textPayload("quoted")) }), "needfrag,,1400"],
    ["an unreachable port", ipv4({ ...from, segment: icmp(3, 3, 0, textPayload("quoted")) }), "unreachport,,,"],
    ["time exceeded", ipv4({ ...from, segment: icmp(11, 0, 0) }), "timexceed,time exceeded in-transit"],
    [
      "an echo request over IPv6",
      ipv6({ ...from6, segment: icmp6(128, 0, 0x04d2_0001) }),
      "ipv6-icmp,58,8,2001:db8::1,2001:db8::10,datalength=8,echoreq,0,1234,1,"
    ],
    ["a packet too big", ipv6({ ...from6, segment: icmp6(2, 0, 1280) }), "datalength=8,toobig,0,,,1280"],
    [
      "gre",
      ipv4({ ...from, segment: rawSegment(47, "gre", textPayload("12345678")) }),
      "47,gre,28,192.0.2.1,198.51.100.10,datalength=8"
    ],
    [
      "CARP",
      ipv4({ ...from, segment: rawSegment(112, "vrrp", textPayload("!\x01\x64\x07\0\x01")) }),
      "112,carp,26,192.0.2.1,198.51.100.10,advertise,64,1,2,100,1"
    ]
  ])("tells what %s has", (_, packet, end) => {
    expect(csvOf(packet)).toContain(end)
    if (!end.endsWith("sctp,")) expect(csvOf(packet).endsWith(end)).toBe(true)
  })

  it("tells of fragments where they stand; a later one has no ports", () => {
    const segment = udp([1, 2], textPayload("x".repeat(2000)))
    const first = ipv4({ ...from, segment, identification: 5, fragment: { offset: 0, length: 1480 } })
    const later = ipv4({ ...from, segment, identification: 5, fragment: { offset: 1480, length: 528 } })
    expect(csvOf(first)).toMatch(/,64,5,0,\+,17,udp,1500,192\.0\.2\.1,198\.51\.100\.10,1,2,2008$/)
    expect(csvOf(later)).toMatch(/,64,5,1480,none,17,udp,548,192\.0\.2\.1,198\.51\.100\.10,$/)
  })

  it.each([
    [1, "0x1,1"],
    [2, "0x2,0"],
    [3, "0x3,CE"],
    [0xb8, "0xb8,"]
  ])("tells type of service %i and its congestion bits", (typeOfService, fields) => {
    expect(csvOf(ipv4({ ...from, segment: syn, typeOfService }))).toContain(`,4,${fields},64,`)
  })

  it("tells subrule and anchor of a rule in an anchor, 4294967295 for the default rule, 0 for no label", () => {
    const packet = ipv4({ ...from, segment: syn })
    expect(csvOf(packet, { ruleset: "f2b/sshd", subrule: 3 })).toMatch(/^17,3,f2b\/sshd,1000000103,vtnet0,/)
    expect(csvOf(packet, { rule: undefined, ridentifier: undefined })).toMatch(
      /^4294967295,,,0,vtnet0,match,block,in,4,/
    )
  })

  it("lets no name move the fields behind it", () => {
    expect(csvOf(ipv4({ ...from, segment: syn }), { ruleset: "a,b", subrule: 0, interface: "em0,x" })).toMatch(
      /^17,0,a\\x2cb,1000000103,em0\\x2cx,match,/
    )
  })

  it("lets no text of an error move the fields behind it", () => {
    // pf's header says IPv4 of a packet that is IPv6, of which tcpdump's text has a comma.
    const csv = csvOf(ipv6({ ...from6, segment: syn }), { addressFamily: 2 })
    expect(csv).toMatch(/,block,in,4,error='IP6\\x2c wrong link-layer encapsulation \(invalid\)',$/)
    expect(csv.split(",")).toHaveLength(11)
  })

  it("keeps the ports where they belong when the TCP header is cut off, or lies", () => {
    expect(csvOf(ipv4({ ...from, segment: syn }), {}, 24)).toMatch(
      /,41854,22,20,,,,,,errormsg='\[tcp header cut off\]'$/
    )
    const lying = ipv4({ ...from, segment: syn })
    lying.bytes[32] = 0x10
    expect(csvOf(lying)).toMatch(/,41854,22,0,,,,,,errormsg='\[bad hdr length 4 - too short < 20\]'$/)
    lying.bytes[32] = 0xf0
    expect(csvOf(lying)).toMatch(/,41854,22,0,S,,,,,errormsg='\[bad hdr length 60 - too long > 40\]'$/)
  })

  it("is RFC 5424 with the number of the line, if asked", () => {
    const format = makeFilterlogFormat({ hostname: "fw.example.org", pid: 4711, syslog: "rfc5424" })
    const { bytes } = captureOf([{ time, header: freebsdHeader, pf: blocked, packet: ipv4({ ...from, segment: syn }) }])
    const lines = [1, 2].flatMap(() => decode(bytes).entries.map((entry) => format.entry(entry, 0)))
    expect(lines[0]).toMatch(
      /^<134>1 2026-11-05T\d\d:16:54\.507027[+-]\d\d:\d\d fw\.example\.org filterlog 4711 - \[meta sequenceId="1"\] 17,,,1000000103,vtnet0,.*\n$/
    )
    expect(lines[1]).toContain('[meta sequenceId="2"]')
  })

  it("never holds what a packet carries, nor anything but printable ASCII, however hostile the packet", () => {
    const { bytes, truths } = captureOf(hostile(freebsdHeader, 4000, 11))
    const format = makeFilterlogFormat({ hostname: "fw", pid: 1, syslog: "rfc3164" })
    decode(bytes).entries.forEach((entry, index) => {
      const line = format.entry(entry, 0)
      expect(line).toMatch(/^[ -~]*\n$/)
      const truth = truths[index]
      for (const address of truth?.innerAddresses ?? []) expect(line).not.toContain(address)
      const fields = line.split(",")
      const sourceAt = fields[8] === "4" ? 18 : 15
      expect([fields[sourceAt], fields[sourceAt + 1]]).toEqual([truth?.source?.address, truth?.destination?.address])
      if (truth?.source?.port !== undefined)
        expect(Number.parseInt(fields[sourceAt + 2] ?? "", 10)).toBe(truth.source.port)
    })
  })
})

describe("a notice in filterlog's log", () => {
  const notice: Notice = { time, level: "warning", process: "tcpdump", pid: 12, message: "listening on\tpflog0" }

  it("stands under the name of who speaks, and is escaped", () => {
    const format = makeFilterlogFormat({ hostname: "fw", pid: 4711, syslog: "rfc3164" })
    expect(format.notice(notice)).toBe(`Nov  5 ${clock} fw tcpdump[12]: listening on\\x09pflog0\n`)
  })

  it("has the facility daemon and its level's severity in RFC 5424", () => {
    const format = makeFilterlogFormat({ hostname: "a b\n", pid: 4711, syslog: "rfc5424" })
    expect(format.notice(notice)).toMatch(
      /^<28>1 \S+ a_b_ tcpdump 12 - \[meta sequenceId="1"\] listening on\\x09pflog0\n$/
    )
    expect(format.notice({ ...notice, level: "error" })).toMatch(/^<27>1 /)
    expect(format.notice({ ...notice, level: "info" })).toMatch(/^<30>1 /)
  })
})
