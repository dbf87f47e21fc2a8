import { describe, expect, it } from "vitest"
import type { PfLogEntry } from "../../../src/decode/PfLogEntry.ts"
import { decodeLine } from "../../../src/decode/text/TextDecoder.ts"

/** A line, and what must be read from it; a source is written as its address and port. */
type Row = readonly [line: string, expected: Partial<PfLogEntry>]

const from = (address: string, port?: number): Partial<PfLogEntry> => ({ source: { address, port } })
const to = (address: string, port?: number): Partial<PfLogEntry> => ({ destination: { address, port } })
const nowhere: Partial<PfLogEntry> = { source: undefined, destination: undefined }

const table = (rows: ReadonlyArray<Row>): void => {
  it.each(rows)("%s", (line, expected) => {
    expect(decodeLine(line)).toMatchObject(expected)
  })
}

describe("pf's head as tcpdump.org's tcpdump writes it", () => {
  const packet = "1.2.3.4.5 > 6.7.8.9.80: Flags [S], seq 1, win 1, length 0"
  const rows: ReadonlyArray<readonly [head: string, expected: Partial<PfLogEntry>]> = [
    [
      "rule 17/0(match): block in on vtnet0",
      { rule: 17, reason: "match", action: "block", direction: "in", interface: "vtnet0" }
    ],
    [
      "rule 0..16777216/0(match): pass out on re0",
      { rule: 0, ruleset: undefined, subrule: 16_777_216, direction: "out" }
    ],
    [
      "rule 9.f2b/sshd.3/0(match) [uid 0] [ridentifier 1000000103]: block in on em0",
      { rule: 9, ruleset: "f2b/sshd", subrule: 3, uid: 0, ridentifier: 1_000_000_103 }
    ],
    [
      "rule 9.f2b/sshd.3/0(match) [ridentifier 7]: block in on em0",
      { ruleset: "f2b/sshd", uid: undefined, ridentifier: 7 }
    ],
    ["rule 4294967295/0(match): pass in on em0", { rule: undefined, subrule: undefined }],
    ["rule 4.web.4294967295/0(match): pass in on em0", { rule: 4, ruleset: "web", subrule: undefined }],
    ["rule /0(match): block in on em0", { rule: undefined, ruleset: undefined }],
    ["rule 4.7/0(match): block in on em0", { rule: 4, ruleset: undefined, subrule: 7 }],
    ["rule 4.web/0(match): block in on em0", { rule: 4, ruleset: "web", subrule: undefined }],
    ["rule 4.web.v2.7/0(match): block in on em0", { ruleset: "web.v2", subrule: 7 }],
    ["rule 4.a//b.7/0(match): block in on em0", { ruleset: "a//b", subrule: 7 }],
    ["rule 0.bbeck(20267).1/0(match): pass in on em0", { ruleset: "bbeck(20267)", subrule: 1 }],
    ["rule 4.x/0(match).7/0(match): block in on em0", { ruleset: "x/0(match)", subrule: 7 }],
    ["rule 17.rule 1/0(match).3/0(match): block in on em0", { rule: 17, ruleset: "rule 1/0(match)", subrule: 3 }],
    ["rule 4.com.apple/250.7/0(match): block in on en0", { ruleset: "com.apple/250", subrule: 7 }],
    ["rule 4.miniupnpd/rdr-anchor.7/0(match): block in on em0", { ruleset: "miniupnpd/rdr-anchor", subrule: 7 }],
    ["rule 4.M-c^A x.7/0(match): block in on em0", { ruleset: "M-c^A x", subrule: 7 }],
    ["rule 1/unkn(3): block in on em0", { reason: "3" }],
    ["rule 1/3(short): block in on em0", { reason: "short" }],
    ["rule 1/1(bad-offset): block in on em0", { reason: "bad-offset" }],
    ["rule 1/15(map-failed): block in on em0", { reason: "map-failed" }],
    ["rule 1/15(state-locked (NetBSD)/dummynet(Darwin): block in on em0", { reason: "state-locked/dummynet" }],
    ["rule 1/16(invalid-port (Darwin)): block in on em0", { reason: "invalid-port" }],
    ["rule 1/20(unkn): block in on em0", { reason: "20" }],
    ...[
      "pass",
      "block",
      "scrub",
      "noscrub",
      "nat",
      "nonat",
      "binat",
      "nobinat",
      "rdr",
      "nordr",
      "synproxy-drop",
      "defer",
      "match",
      "divert",
      "rt",
      "afrt"
    ].map((action) => [`rule 1/0(match): ${action} in on em0`, { action }] as const),
    ["rule 1/0(match): dummynet (Darwin) in on en0", { action: "dummynet" }],
    ["rule 1/0(match): nonat64 (Darwin) in on en0", { action: "nonat64" }],
    ["rule 1/0(match): unkn(12) in on em0", { action: "12" }],
    ["rule 1/0(match): pass in/out on em0", { direction: "in/out" }],
    ["rule 1/0(match): pass fwd on em0", { direction: "fwd" }],
    ["rule 1/0(match): pass unkn(3) on em0", { direction: "3" }],
    ...["vlan0.810", "igb1_vlan20", "epair1b", "dmz-office", "em0^A", "wg0", "lo0", "my wan", "tun1000", "0", ""].map(
      (name) => [`rule 1/0(match): block in on ${name}`, { interface: name }] as const
    )
  ]
  table(
    rows.map(([head, expected]) => [`${head}: ${packet}`, { ...expected, ...from("1.2.3.4", 5), ...to("6.7.8.9", 80) }])
  )
})

describe("lines of OpenBSD's own tcpdump", () => {
  table([
    [
      "rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: S 1:1(0) win 52206 (DF)",
      {
        rule: 0,
        reason: "match",
        protocol: "tcp",
        tcpFlags: "S",
        payloadLength: 0,
        ...from("1.2.3.4", 5),
        ...to("6.7.8.9", 80)
      }
    ],
    ["rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: . ack 1 win 52206", { protocol: "tcp", tcpFlags: "." }],
    ["rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: . win 52206", { protocol: "tcp", tcpFlags: "none" }],
    ["rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: S 1:1(0) ack 2 win 5", { tcpFlags: "S." }],
    ["rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: SE 1:1(0) ack 2 win 5", { tcpFlags: "S.E" }],
    ["rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: FP 1:1(0) win 5", { tcpFlags: "FP" }],
    ["rule 0/(match) block in on vio0: 1.2.3.4 > 6.7.8.9: icmp: echo reply", { protocol: "icmp", icmpRequest: false }],
    [
      "rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: P 1:49(48) ack 1 win 5 <nop,nop,timestamp 1 2> (DF)",
      { tcpFlags: "P.", payloadLength: 48 }
    ],
    [
      "rule 0/(match) block in on vio0: 1.2.3.4.5 > 6.7.8.9.80: S [tcp sum ok] 1:1(0) win 5 (DF) (ttl 64, id 1, len 40)",
      { protocol: "tcp", tcpFlags: "S" }
    ],
    [
      "rule def/(short) pass in on em0: 1.2.3.4 > 6.7.8.9: icmp: echo request (DF)",
      { rule: undefined, reason: "short", protocol: "icmp", icmpRequest: true, ...from("1.2.3.4") }
    ],
    [
      "rule 5/(match) [uid 0, pid 24100] block in on em1: 1.2.3.4.5 > 6.7.8.9.53: udp 40",
      { uid: 0, pid: 24_100, protocol: "udp", payloadLength: 40 }
    ],
    [
      "rule 5/(match) [uid 0, pid 24100] block in on em1: [uid 1000, pid 77] 1.2.3.4.5 > 6.7.8.9.53: udp 40",
      { uid: 1000, pid: 77, ...from("1.2.3.4", 5) }
    ],
    [
      "rule 5/(match) [uid 0, pid 1] pass in on em1: [rewritten: src 9.9.9.9:5, dst 8.8.8.8:80] 1.2.3.4.5 > 6.7.8.9.53: udp 40",
      from("1.2.3.4", 5)
    ],
    [
      "rule 5/(match) [uid 0, pid 1] pass in on em1: [orig src 9.9.9.9:5, dst 8.8.8.8:80] 1.2.3.4.5 > 6.7.8.9.53: udp 40",
      from("1.2.3.4", 5)
    ],
    [
      "rule 4.web.7/(match) block out on em1: 1.2.3.4.5 > 6.7.8.9.53: 1234+ A? rule.example. (29)",
      { ruleset: "web", subrule: 7, direction: "out", protocol: "udp" }
    ],
    ["rule 4.web.def/(match) block out on em1: 1.2.3.4.5 > 6.7.8.9.53: udp 4", { ruleset: "web", subrule: undefined }],
    ["rule 4/(unkn 77) block out on em1: 1.2.3.4.5 > 6.7.8.9.53: udp 4", { reason: "77" }],
    ["rule 4/(match)  in on em1: 1.2.3.4.5 > 6.7.8.9.53: udp 4", { action: "" }],
    ["rule -1/0(match): block in on fxp0: 1.2.3.4.5 > 6.7.8.9.53: udp 4", { rule: undefined, reason: "match" }],
    [
      "rule 4/(match) block in on em1: esp 1.2.3.4 > 6.7.8.9 spi 0x00000001 seq 1 len 100",
      { protocol: "esp", ...from("1.2.3.4"), ...to("6.7.8.9") }
    ],
    [
      "rule 4/(match) block in on em1: 1.2.3.4 > 6.7.8.9: (frag 4711:1480@1480+)",
      { fragment: true, ...from("1.2.3.4") }
    ],
    [
      "rule 4/(match) block in on em1: 1.2.3.4.5 > 6.7.8.9.53: udp 4000 (frag 4711:1480@0+)",
      { fragment: true, protocol: "udp" }
    ],
    [
      "rule 4/(match) block in on em1: fe80::1%em1 > ff02::1: icmp6: echo request",
      { protocol: "ipv6-icmp", family: "ipv6", ...from("fe80::1%em1") }
    ],
    [
      "rule 4/(match) block in on vlan0.810: fe80::1%vlan0.810.22 > fe80::2%vlan0.810.443: S 1:1(0) win 5",
      { ...from("fe80::1%vlan0.810", 22), ...to("fe80::2%vlan0.810", 443) }
    ],
    [
      "rule 4/(match) block in on em1: fe80::1%em0.22 > fe80::2%em0.443: S 1:1(0) win 5",
      { ...from("fe80::1%em0", 22), ...to("fe80::2%em0", 443) }
    ],
    // Older releases write the words of some protocols right behind the colon.
    [
      "rule 4/(match) block in on vio0: 192.0.2.7.5301 > 198.51.100.9.53:[|domain]",
      { protocol: "udp", ...from("192.0.2.7", 5301), ...to("198.51.100.9", 53) }
    ],
    [
      "rule 4/(match) block in on vio0: 2001:db8::7.546 > 2001:db8::9.547:dhcp6 solicit [hlim 1]",
      { protocol: "udp", family: "ipv6", ...from("2001:db8::7", 546), ...to("2001:db8::9", 547) }
    ],
    [
      "rule 4/(match) block in on vio0: 192.0.2.7.123 > 198.51.100.9.123:v4 client strat 0 poll 0 prec 0 [tos 0x10]",
      { protocol: "udp", ...from("192.0.2.7", 123), ...to("198.51.100.9", 123) }
    ],
    ["rule 4/(match) block in on vio0: 192.0.2.7 > 198.51.100.9:[|icmp]", { protocol: "icmp", ...from("192.0.2.7") }],
    // The letter could be a group of the address.
    ["rule 4/(match) block in on vio0: 2001:db8::7 > 2001:db8::9:dhcp6 solicit", nowhere],
    [
      "rule 4/(match) block in on vio0: 192.0.2.7.4711 > 198.51.100.9.22: FS [bad hdr length] (DF)",
      { protocol: "tcp", tcpFlags: "FS", ...from("192.0.2.7", 4711) }
    ],
    [
      "rule 4/(match) block in on vio0: 192.0.2.7.4711 > 198.51.100.9.22: . [bad hdr length 44 - too long, > 20]",
      { protocol: "tcp", tcpFlags: "." }
    ],
    [
      "rule 4/(match) block in on vio0: 192.0.2.7.4711 > 198.51.100.9.22: S [tcp sum ok] (src OS: Linux 2.6) 1:1(0) win 5",
      { protocol: "tcp", tcpFlags: "S", payloadLength: 0 }
    ],
    [
      "rule 4/(match) block in on vio0: 2001:db8::7 > 2001:db8::9: HBH multicast listener report v2, 1 group record(s) [hlim 1]",
      { protocol: "ipv6-icmp", ...from("2001:db8::7"), ...to("2001:db8::9") }
    ],
    ["rule 4/(match) block in on vio0: 2001:db8::7 > 2001:db8::9: PIM v2 Hello (Hold-time 1m45s)", { protocol: "pim" }],
    [
      "rule 4/(match) block in on vio0: 192.0.2.7 > 198.51.100.9: ip-proto-115 24 (DF) [tos 0x10]",
      { protocol: "l2tp", payloadLength: 24, fragment: false }
    ],
    ["rule 4/(match) block in on vio0: 192.0.2.7 > 224.0.0.240: PFSYNCv5 len 88: eof (DF)", { protocol: "pfsync" }],
    ["rule 4/(match) block in on vio0: CARPv2-advertise 36: vhid=1 advbase=1 (DF)", { protocol: "vrrp", ...nowhere }],
    ["rule 4/(match) block in on vio0: [|tcp] (DF)", { protocol: "tcp", ...nowhere }],
    [
      "rule 4/(match) block in on vio0: esp 192.0.2.7 > 198.51.100.9[|esp]",
      { protocol: "esp", ...from("192.0.2.7"), ...to("198.51.100.9") }
    ],
    [
      "rule 4/(match) block in on vio0: etherip 192.0.2.7 > 198.51.100.9 ver 3 len 84: 9.9.9.9 > 8.8.8.8: icmp: echo request",
      { protocol: "etherip", ...from("192.0.2.7"), ...to("198.51.100.9") }
    ],
    // The addresses are those of the packet inside: the tunnel's own are not printed.
    ["rule 4/(match) block in on em1: 9.9.9.9.5 > 8.8.8.8.80: S 1:1(0) win 5 (DF) (encap) [flowlabel 0x1]", nowhere],
    [
      "rule 4/(match) block in on em1: 9.9.9.9.5 > 8.8.8.8.80: udp 5 (encap) [class 0x3] [flowlabel 0xfffff] [hlim 1]",
      nowhere
    ],
    ["rule 4/0(match): block in on fxp0: 9.9.9.9.5 > 8.8.8.8.80: S 1:1(0) win 5 (DF) (encap)", nowhere],
    ["rule -1/0(match): block in on fxp0: 9.9.9.9 > 8.8.8.8: icmp: echo request (gre encap)", nowhere],
    // Behind a header that OpenBSD's tcpdump doesn't write, these words are the sender's.
    [
      "rule 4/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [P.], seq 1:9, ack 1, win 5, length 8: HTTP: x (encap)",
      from("1.2.3.4", 5)
    ],
    ["rule 4.a.1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.53: 1+ A? x (encap)", from("1.2.3.4", 5)],
    ["rule 4/(match) block in on em1: 9.9.9.9.5 > 8.8.8.8.80: S 1:1(0) win 5 (DF) (encap)", nowhere],
    ["rule 4/(match) block in on em1: 9.9.9.9 > 8.8.8.8: icmp: echo request (gre encap)", nowhere],
    ["rule 4/(match) block in on em1: bad-ip-version 7", nowhere]
  ])
})

describe("the packet's part", () => {
  const rows: ReadonlyArray<readonly [packet: string, expected: Partial<PfLogEntry>]> = [
    [
      "1.2.3.4.5 > 6.7.8.9.80: Flags [S.], seq 1, ack 2, win 65535, options [mss 1460], length 0",
      { family: "ipv4", protocol: "tcp", tcpFlags: "S.", payloadLength: 0 }
    ],
    ["1.2.3.4.5 > 6.7.8.9.80: Flags [none], seq 1, win 1, length 7", { tcpFlags: "none", payloadLength: 7 }],
    ["1.2.3.4.5 > 6.7.8.9.80: Flags [FSRPUEWe.], seq 1, win 1, length 0", { tcpFlags: "FSRPUEWe." }],
    [
      "1.2.3.4.5 > 6.7.8.9.80: Flags [P.], seq 1:45, ack 1, win 229, length 44: HTTP: GET /?rule 1/0(match): block in on em0: 9.9.9.9.1 > 8.8.8.8.2: Flags [S], length 9 HTTP/1.1",
      { ...from("1.2.3.4", 5), payloadLength: 44, tcpFlags: "P." }
    ],
    [
      "1.2.3.4.5 > 6.7.8.9.80:  tcp 28 [bad hdr length 8 - too short, < 20]",
      { protocol: "tcp", ...from("1.2.3.4", 5) }
    ],
    ["1.2.3.4.5 > 6.7.8.9.80:  [|tcp]", { protocol: "tcp", tcpFlags: undefined }],
    ["1.2.3.4 > 6.7.8.9: [|tcp]", { protocol: "tcp", ...from("1.2.3.4") }],
    ["1.2.3.4.5 > 6.7.8.9.80: tcp 40", { protocol: "tcp" }],
    ["1.2.3.4.5 > 6.7.8.9.80: S 1:1(0) win 52206 <mss 1460>", { protocol: "tcp", tcpFlags: "S" }],
    ["1.2.3.4.5 > 6.7.8.9.53: UDP, length 40", { protocol: "udp", payloadLength: 40 }],
    ["1.2.3.4.5 > 6.7.8.9.9: UDP, bad length 400 > 40", { protocol: "udp" }],
    ["1.2.3.4.5 > 6.7.8.9.53: 1234+ A? Flags.example. (31)", { protocol: "udp", ...to("6.7.8.9", 53) }],
    ["1.2.3.4.5 > 6.7.8.9.53: [|domain]", { protocol: "udp" }],
    ["1.2.3.4.5 > 6.7.8.9.123:  [|ntp]", { protocol: "udp" }],
    ["1.2.3.4.88 > 6.7.8.9.5: ", { protocol: "udp", ...from("1.2.3.4", 88) }],
    [
      '1.2.3.4.5 > 6.7.8.9.69: TFTP, length 30, RRQ "1.1.1.1 > 2.2.2.2: ICMP" octet',
      { protocol: "udp", ...from("1.2.3.4", 5) }
    ],
    ["1.2.3.4.5 > 6.7.8.9.38412: sctp (1) [INIT] [init tag: 1]", { protocol: "sctp", ...to("6.7.8.9", 38_412) }],
    ["1.2.3.4.5 > 6.7.8.9.5001: DCCP DCCP-Request (service=0) seq 1", { protocol: "dccp" }],
    ["truncated-sctp - 3 bytes missing!", { protocol: "sctp", ...nowhere }],
    [" [|dccp]", { protocol: "dccp", ...nowhere }],
    ["0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request, length 300", { protocol: "udp", ...from("0.0.0.0", 68) }],
    [
      "1.2.3.4.3735928559 > 6.7.8.9.2049: 100 getattr [|nfs]",
      { protocol: undefined, ...from("1.2.3.4"), ...to("6.7.8.9", 2049) }
    ],
    [
      "1.2.3.4.2049 > 6.7.8.9.4711: reply ok 100 getattr",
      { protocol: undefined, ...from("1.2.3.4", 2049), ...to("6.7.8.9") }
    ],
    ["1.2.3.4.801 > 6.7.8.9.2049: NFS request xid 1 100 getattr", { protocol: "udp", ...from("1.2.3.4", 801) }],
    [
      "1.2.3.4 > 6.7.8.9: ICMP echo request, id 1, seq 2, length 64",
      { protocol: "icmp", payloadLength: 64, ...from("1.2.3.4") }
    ],
    [
      "1.2.3.4 > 6.7.8.9: ICMP 9.9.9.9 udp port 53 unreachable, length 36",
      { protocol: "icmp", ...from("1.2.3.4"), ...to("6.7.8.9") }
    ],
    ["1.2.3.4 > 6.7.8.9: ICMP redirect 8.8.8.8 to host 9.9.9.9, length 36", { protocol: "icmp", ...from("1.2.3.4") }],
    ["1.2.3.4 > 6.7.8.9: ICMP time stamp query id 0 seq 1, length 20", { protocol: "icmp", icmpRequest: true }],
    ["1.2.3.4 > 6.7.8.9: icmp 64: echo request seq 0", { protocol: "icmp", icmpRequest: true }],
    ["1.2.3.4 > 6.7.8.9: ICMP type-#42, length 28", { protocol: "icmp", icmpRequest: true }],
    ["1.2.3.4 > 6.7.8.9: ICMP type-#421, length 28", { protocol: "icmp", icmpRequest: false }],
    ["1.2.3.4.5 > 6.7.8.9.53: icmp: echo request", { protocol: "udp", icmpRequest: false }],
    [
      "2001:db8::1 > 2001:db8::2: RT6 (len=2, type=0, segleft=1) 1 > 2: Flags [S], seq 1",
      { protocol: "tcp", ...from("2001:db8::1", 1) }
    ],
    [
      "2001:db8::1 > 2001:db8::2: HBH ICMP6, who-are-you request node information query (noop), length 28",
      { protocol: "ipv6-icmp", icmpRequest: true }
    ],
    ["1.2.3.4 > 224.0.0.1: igmp query v2", { protocol: "igmp" }],
    ["1.2.3.4 > 6.7.8.9: ESP(spi=0x00000001,seq=0x1), length 100", { protocol: "esp", payloadLength: 100 }],
    [
      "1.2.3.4 > 6.7.8.9: AH(spi=0x00000001,seq=0x1,icv=0x0): 1234 > 80: Flags [S], seq 1, win 1, length 0",
      { protocol: "ah", ...from("1.2.3.4") }
    ],
    ["1.2.3.4 > 224.0.0.5: OSPFv2, Hello, length 44", { protocol: "ospf" }],
    [
      "1.2.3.4 > 224.0.0.18: VRRPv2, Advertisement, vrid 1, prio 100, authtype none, intvl 1s, length 20",
      { protocol: "vrrp" }
    ],
    ["1.2.3.4 > 224.0.0.13: PIMv2, Hello, length 34", { protocol: "pim" }],
    [
      "1.2.3.4 > 6.7.8.9: GREv0, length 88: IP 9.9.9.9.1 > 8.8.8.8.2: Flags [S], seq 1, win 1, length 0",
      { protocol: "gre", payloadLength: 88, ...from("1.2.3.4") }
    ],
    [
      "1.2.3.4 > 6.7.8.9: 9.9.9.9.1 > 8.8.8.8.2: Flags [S], seq 1, win 1, length 0",
      { protocol: "ipip", tcpFlags: undefined, ...from("1.2.3.4"), ...to("6.7.8.9") }
    ],
    [
      "1.2.3.4 > 6.7.8.9: 2001:db8::1.1 > 2001:db8::2.2: Flags [S], seq 1, win 1, length 0",
      { protocol: "ipv6", family: "ipv4", ...from("1.2.3.4") }
    ],
    [
      "1.2.3.4 > 6.7.8.9: truncated-ip - 5 bytes missing! 9.9.9.9 > 8.8.8.8: ICMP echo request, id 1, seq 1, length 8",
      { protocol: "ipip", ...from("1.2.3.4") }
    ],
    ["1.2.3.4 > 6.7.8.9:  [|ip]", { protocol: "ipip", ...from("1.2.3.4") }],
    ["1.2.3.4 > 6.7.8.9: ip-proto-17", { protocol: "udp", fragment: true, ...from("1.2.3.4") }],
    ["1.2.3.4 > 6.7.8.9: udp", { protocol: "udp", fragment: true }],
    ["1.2.3.4 > 6.7.8.9:  ip-proto-237 24", { protocol: undefined, fragment: false, payloadLength: 24 }],
    ["1.2.3.4 > 6.7.8.9:  ip-proto-115 24", { protocol: "l2tp", fragment: false }],
    ["1.2.3.4 > 6.7.8.9: 54.34.77.35.1 > 1.1.1.1.2: PGM, length 9", { protocol: "ipip" }],
    ["1.2.3.4 > 6.7.8.9: 1.2.3.4.7 > 6.7.8.9.8: PGM, length 9", { protocol: "pgm", ...from("1.2.3.4", 7) }],
    ["truncated-ip - 20 bytes missing! 1.2.3.4.5 > 6.7.8.9.80: Flags [S], seq 1, win 1, length 0", from("1.2.3.4", 5)],
    [
      "truncated-ip6 - 347 bytes missing!2a01::.58686 > 2001:db8:10::10.7: Flags [S], seq 1",
      { family: "ipv6", ...from("2a01::", 58_686), ...to("2001:db8:10::10", 7) }
    ],
    ["IP 1.2.3.4.5 > 6.7.8.9.80: Flags [S], seq 1", from("1.2.3.4", 5)],
    ["IP6 2001:db8::1.5 > 2001:db8::2.80: Flags [S], seq 1", from("2001:db8::1", 5)],
    [
      "(class 0x03, hlim 64, next-header TCP (6) payload length: 40) 2001:db8::1.5 > 2001:db8::2.80: Flags [S], cksum 0x1 (correct), seq 1",
      from("2001:db8::1", 5)
    ],
    [
      "(flowlabel 0x12345, hlim 64, next-header Mobile IP (old) (62), payload length 40) 2001:db8::1 > 2001:db8::2: mobility: BRR",
      { protocol: "mobility-header", ...from("2001:db8::1") }
    ],
    [
      "(tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto: TCP (6), length: 40) 1.2.3.4.5 > 6.7.8.9.80: S 1:1(0) win 512",
      { protocol: "tcp", tcpFlags: "S", ...from("1.2.3.4", 5), ...to("6.7.8.9", 80) }
    ],
    [
      "(tos 0x2,ECT(0), ttl 64, id 7, offset 0, flags [+, DF], proto UDP (17), length 68, options (RR 9.9.9.9, 8.8.8.8^,NOP,EOL), bad cksum 0 (->ab12)!) 1.2.3.4.5 > 6.7.8.9.53: UDP, length 40",
      { protocol: "udp", ...from("1.2.3.4", 5), ...to("6.7.8.9", 53) }
    ],
    [
      "truncated-ip - 20 bytes missing! (tos 0x0, ttl 64, id 7, offset 0, flags [none], proto ICMP (1), length 84) 1.2.3.4 > 6.7.8.9: ICMP echo request, id 1, seq 1, length 64",
      { protocol: "icmp", ...from("1.2.3.4") }
    ],
    [
      "[total length 60 > length 40] (invalid) 1.2.3.4.5 > 6.7.8.9.80: Flags [S], seq 1",
      { protocol: "tcp", ...from("1.2.3.4", 5) }
    ],
    [
      "[header+payload length 80 > length 60] (invalid) 2001:db8::1.5 > 2001:db8::2.80: Flags [S], seq 1",
      { protocol: "tcp", ...from("2001:db8::1", 5) }
    ],
    ["[uid 1001] 1.2.3.4.5 > 6.7.8.9.80: Flags [S], seq 1", { uid: 1001, pid: undefined, ...from("1.2.3.4", 5) }],
    ["[uid 1001, pid 7] 1.2.3.4.5 > 6.7.8.9.80: Flags [S], seq 1", { uid: 1001, pid: 7, ...from("1.2.3.4", 5) }],
    ["[rewritten: src 9.9.9.9:1, src 8.8.8.8:2; 1.2.3.4.5 > 6.7.8.9.80: Flags [S]", from("1.2.3.4", 5)],
    [
      "2001:db8::1 > 2001:db8::2: ICMP6, echo request, id 1, seq 1, length 64",
      { family: "ipv6", protocol: "ipv6-icmp", ...from("2001:db8::1") }
    ],
    [
      "2001:db8::1 > ff02::1: HBH ICMP6, multicast listener report v2, 1 group record(s), length 28",
      { protocol: "ipv6-icmp" }
    ],
    [
      "2001:db8::1 > 2001:db8::2: HBH DSTOPT 55977 > 9: UDP, length 31",
      { protocol: "udp", payloadLength: 31, ...from("2001:db8::1", 55_977), ...to("2001:db8::2", 9) }
    ],
    [
      "2001:db8::1 > 2001:db8::2: HBH DSTOPT 43899 > 22222:  [|udp]",
      { protocol: "udp", ...from("2001:db8::1", 43_899) }
    ],
    [
      "2001:db8::1 > 2001:db8::2: frag (0|1448) 39007 > 4444: Flags [S], seq 1",
      { protocol: "tcp", fragment: true, tcpFlags: "S", ...from("2001:db8::1", 39_007) }
    ],
    ["2001:db8::1 > 2001:db8::2: frag (1448|100)", { protocol: undefined, fragment: true, ...from("2001:db8::1") }],
    [
      "2001:db8::1 > 2001:db8::2: srcrt (len=2, type=0, segleft=1, [0]2001:db8::9) 1 > 2: Flags [S], seq 1",
      { protocol: "tcp", ...from("2001:db8::1", 1) }
    ],
    [
      "2001:db8::7 > 2001:db8::9: RT6 (len=2, type=0 [Deprecated], segleft=1, [0]2001:db8::5) 4711 > 22: Flags [S], seq 1, win 5, length 0",
      { protocol: "tcp", tcpFlags: "S", payloadLength: 0, ...from("2001:db8::7", 4711), ...to("2001:db8::9", 22) }
    ],
    [
      "2001:db8::7 > 2001:db8::9: RT6 (len=4, type=4, segleft=0, last-entry=0, tag=0, [0]2001:db8::5, TLV-type=PadN(1), TLV-len=4) ICMP6, echo request, id 1, seq 1, length 8",
      { protocol: "ipv6-icmp", ...from("2001:db8::7") }
    ],
    [
      "2001:db8::7 > 2001:db8::9: RT6 (len=2, type=9, segleft=1 (unknown type) (invalid)",
      { protocol: undefined, ...from("2001:db8::7") }
    ],
    [
      "2001:db8::7 > 2001:db8::9: HBH (rtalert: 0x0000) (padn)DSTOPT (homeaddr: 2001:db8::5) 4711 > 22: Flags [S], seq 1",
      { protocol: "tcp", ...from("2001:db8::7", 4711) }
    ],
    [
      "2001:db8::7 > 2001:db8::9: HBH truncated-ip6 - 70000 bytes missing!4711 > 22:  [|tcp]",
      { protocol: "tcp", ...from("2001:db8::7", 4711), ...to("2001:db8::9", 22) }
    ],
    [
      "2001:db8::7 > 2001:db8::9: HBH truncated-ip6 - 70000 bytes missing!ICMP6, echo request, id 1, seq 1, length 70000",
      { protocol: "ipv6-icmp", ...from("2001:db8::7") }
    ],
    [
      "2001:db8::7 > 2001:db8::9: HBH [header+payload length 70040 > length 64] (invalid) 4711 > 22: Flags [S], seq 1",
      { protocol: "tcp", ...from("2001:db8::7", 4711) }
    ],
    [
      "2001:db8::7 > 2001:db8::9: HBH truncated-ip6 - 5 bytes missing!2001:db8:bad::1.1 > 2001:db8:bad::2.2: Flags [S]",
      { protocol: "ipv6", ...from("2001:db8::7") }
    ],
    [
      "2001:db8::7 > 2001:db8::9: truncated-ip6 - 5 bytes missing!2001:db8:bad::1.1 > 2001:db8:bad::2.2: Flags [S]",
      { protocol: "ipv6", ...from("2001:db8::7") }
    ],
    [
      "2001:db8::1 > 2001:db8::2: DSTOPT 2001:db8::1.7 > 2001:db8::2.8: sctp (1) [INIT]",
      { protocol: "sctp", ...from("2001:db8::1", 7) }
    ],
    [
      "2001:db8::1 > 2001:db8::2: DSTOPT 2001:db8::7.7 > 2001:db8::8.8: sctp (1) [INIT]",
      { protocol: "ipv6", ...from("2001:db8::1") }
    ],
    [
      "2001:db8::1 > 2001:db8::2: 9.9.9.9.1 > 8.8.8.8.2: Flags [S], seq 1",
      { protocol: "ipip", family: "ipv6", ...from("2001:db8::1") }
    ],
    [
      "::ffff:1.2.3.4 > 2001:db8::2: HBH ::ffff:1.2.3.4 > 2001:db8::2: [|tcp]",
      { protocol: "tcp", ...from("::ffff:1.2.3.4") }
    ],
    ["2001:db8::1 > 2001:db8::2: 2001:db8::1 > 2001:db8::2: [|tcp]", { protocol: "ipv6", ...from("2001:db8::1") }],
    ["2001:db8::1 > 2001:db8::2: no next header", { protocol: "ipv6-nonxt" }],
    [
      "::ffff:1.2.3.4.5 > ::ffff:6.7.8.9.80: Flags [S], seq 1",
      { ...from("::ffff:1.2.3.4", 5), ...to("::ffff:6.7.8.9", 80) }
    ],
    ["::ffff:1.2.3.4 > ::1.2.3.4: ICMP6, echo request", { ...from("::ffff:1.2.3.4"), ...to("::1.2.3.4") }],
    [
      ":: > ff02::1:ff00:1: ICMP6, neighbor solicitation, who has fe80::1, length 24",
      { ...from("::"), ...to("ff02::1:ff00:1") }
    ],
    ["1:2:3:4:5:6:7:8.443 > 2001:db8:10:::  [|tcp]", nowhere],
    [
      "1:2:3:4:5:6:7:8.443 > 1:2:3:4:5:6:7::.80: Flags [S]",
      { ...from("1:2:3:4:5:6:7:8", 443), ...to("1:2:3:4:5:6:7::", 80) }
    ],
    ["2001:db8::1 > 2a01::: DSTOPT frag (0|1480) 54085 > 9: UDP, length 2000", { ...to("2a01::", 9), fragment: true }],
    ...[
      " [|ip]",
      " [|ip6]",
      " [remaining caplen(23) < header length(32)] [|ip]",
      "bad-hlen 4",
      "bad-len 0",
      "IP6, wrong link-layer encapsulation (invalid)",
      "IP0 (invalid)",
      "version error: 4 != 6",
      "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 60)",
      "truncated-ip 12",
      "unknown-af 77",
      "0x0000:  4500 0014",
      "host.example.http > 6.7.8.9.80: Flags [S]",
      "1.2.3.4.http > 6.7.8.9.80: Flags [S]",
      "1.2.3.256.5 > 6.7.8.9.80: Flags [S]",
      "1.2.3.04.5 > 6.7.8.9.80: Flags [S]",
      "1.2.3.4.5.6 > 6.7.8.9.80: Flags [S]",
      "1.2.3 > 6.7.8: at-rtmp 40",
      "1.2.3.4.5 > 6.7.8.9.80",
      "1.2.3.4.5 > 2001:db8::1.80: Flags [S]",
      "1.2.3.4.5, 6.7.8.9.80: Flags [S]",
      "2001:db8::1::2.5 > 2001:db8::2.80: Flags [S]",
      "1:2:3:4:5:6:7:8:9.5 > 2001:db8::2.80: Flags [S]",
      "12345::1.5 > 2001:db8::2.80: Flags [S]",
      "x 1.2.3.4 > 6.7.8.9: 9.9.9.9 > 8.8.8.8: ICMP echo request",
      ""
    ].map((packet) => [packet, nowhere] as const)
  ]
  table(
    rows.map(([packet, expected]) => [
      `rule 1/0(match): block in on em0: ${packet}`,
      { rule: 1, interface: "em0", ...expected }
    ])
  )
})

describe("time stamps", () => {
  const text = "rule 1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S], length 0"
  const at = 1_692_000_000_000_137
  const local = (date: Date): string => {
    const two = (number: number): string => String(number).padStart(2, "0")
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
    return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.000137`
  }
  const rows: ReadonlyArray<readonly [stamp: string, time: number | undefined]> = [
    ["", undefined],
    ["1692000000.000137 ", at],
    ["1692000000.000137999 ", at],
    [" 00:00:00.000123 ", undefined],
    ["00:00:00.000123 ", undefined],
    ["000137 ", undefined],
    ["64. 904623 ", undefined],
    ["10:00:00.000137 ", undefined],
    [`${local(new Date(at / 1000))} `, at],
    ["2023-08-14T10:00:00.000137+02:00 ", at],
    ["2023-08-14T10:00:00.000137+0200 ", at],
    ["2023-08-14T08:00:00.000137Z ", at],
    ["2023-08-14T03:30:00.000137-04:30 ", at],
    ["2023-08-14T08:00:00Z ", 1_692_000_000_000_000],
    ["2023-08-14 08:00:00,5Z ", 1_692_000_000_500_000],
    ["Feb 25 11:43:54 host pf: ", undefined],
    ["Feb  5 11:43:54 fw.example.org pf[77]: ", undefined],
    ["Feb 25 11:43:54.123456 ", undefined],
    ["Feb 25 11:43:54 host pf: 1692000000.000137 ", at],
    ["Feb 25 11:43:54 host pf: 00:00:00.000123 ", undefined],
    ["2023-08-14T10:00:00.000137+02:00 host pf: ", at],
    ["2023-08-14T10:00:01+02:00 host pf[5]: 1692000000.000137 ", at],
    // What others put in front: a priority, a stamp, a level, a host, a tag and a pid, each of which may be missing.
    ["Jan  5 10:00:00 gate pf: Jan  5 09:59:58.123456 ", undefined],
    [`Jan  5 10:00:00 gate pf: ${local(new Date(at / 1000))} `, at],
    ["pf: Jan  5 09:59:58.123456 ", undefined],
    ["gate pf: 00:00:03.000001 ", undefined],
    ["<134>Jan  5 10:00:00 pf: 00:00:03.000001 ", undefined],
    ["Jan  5 10:00:00 pf: 00:00:03.000001 ", undefined],
    ["Jan  5 10:00:00 pf: ", undefined],
    ["Jan  5 10:00:00 pf[77]: ", undefined],
    ["Jan  5 10:00:00 pf[77] ", undefined],
    ["Jan  5 10:00:00 gate ", undefined],
    ["Jan  5 10:00:00 gate pf ", undefined],
    ["Jan  5 10:00:00 <local0.info> gate pf: ", undefined],
    ["Jan  5 10:00:00 <16.6> gate pf: ", undefined],
    ["Jan  5 10:00:00 <local0.info> pf[77]: 000137 ", undefined],
    ["2026-01-05T10:00:00+00:00 gate pf[77] 00:00:03.000001 ", 1_767_607_200_000_000],
    ["2026-01-05T10:00:00+00:00 pf: 00:00:03.000001 ", 1_767_607_200_000_000],
    ["<134>1 2026-01-05T10:00:00.000001Z gate pf 77 - - ", 1_767_607_200_000_001],
    ["<134>1 2026-01-05T10:00:00Z gate.example.org pf - - - 1692000000.000137 ", at],
    ["<134>gate pf: ", undefined],
    ["<134>", undefined],
    ["Jan 11 07:28:30 192.0.2.254 pf: 000145 ", undefined],
    ["Jan 11 07:28:30 2001:db8::fe pf[3]: 64. 904623 ", undefined],
    ["Aug  6 12:03:15 bsd-host tcpdump[1042]: ", undefined]
  ]
  it.each(rows)("'%s' stands in front of an entry", (stamp, time) => {
    expect(decodeLine(stamp + text)).toMatchObject({ time, text, source: { address: "1.2.3.4", port: 5 } })
  })

  it.each([
    " ",
    "    ",
    "\t",
    "1692000000.000137  ",
    "1692000000.00137 ",
    "1692000000 ",
    "2023-13-14T10:00:00Z ",
    "2023-08-14T24:00:00Z ",
    "Foo 25 11:43:54 host pf: ",
    "2023-08-14T10:00:00.000137+02:00 tcpdump[77]: ",
    "2023-08-14T10:00:00.000137+02:00 tcpdump[77] ",
    "2023-08-14T10:00:00.000137+02:00 tcpdump: ",
    "2023-08-14T10:00:00.000137+02:00 pf: x: ",
    "2023-08-14T10:00:00.000137+02:00 [host] pf: ",
    "2023-08-14T10:00:00.000137+02:00 host pf: 9.9.9.9 > 8.8.8.8: ",
    "Jan  5 10:00:00 gate sshd[7]: Invalid user ",
    "Jan  5 10:00:00 gate pf: said ",
    "pf: ",
    "gate pf: ",
    "gate pf ",
    "gate ",
    "tcpdump[77]: ",
    "tcpdump[77]: 00:00:03.000001 ",
    "<134",
    "<192>",
    "<134> ",
    "<local0.info> ",
    "<x> ",
    "2023-08-14T10:00:00.000137+02:00 tcpdump[77]: x: ",
    "2023-08-14T10:00:00.000137+02:00 pfasciilogd[77]: ",
    "x",
    "IP "
  ])("'%s' stands in front of no entry", (stamp) => {
    expect(decodeLine(stamp + text)).toBeUndefined()
  })
})

describe("no entry", () => {
  it.each([
    "",
    // A damaged head in front of a payload that is made to look like OpenBSD's: the name would be too long for pf.
    "rule 1.3/x(match): block in on em0: 1.2.3.4 > 6.7.8.9: rule 0/(match) block in on em0: 9.9.9.9.1 > 8.8.8.8.2: S",
    "rule",
    "rule ",
    "rule 1",
    "rule 1/",
    "rule 1/0(match)",
    "rule 1/0(match): ",
    "rule 1/0(match): block in on em0",
    "rule 1/0(match): block in on em0:",
    "rule 1/0(match): block in on em0:1.2.3.4 > 6.7.8.9: 9.9.9.9 > 8.8.8.8: ICMP echo request",
    "rule 1/0(match): block in on e:::1 > ::2: ::3 > ::4: ICMP6, echo request",
    "rule 1/0(match): block sideways on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "rule 1/0(match) [uid x]: block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "rule 1/0(match) [gid 0]: block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "rule 1/match: block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "rule 99999999999/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "Rule 1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "rule  1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "[|pflog]",
    "[pflog: invalid header length!]",
    "IP 1.2.3.4.5 > 6.7.8.9.80: Flags [S]",
    "\tGET /rule 1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S] HTTP/1.1",
    "83:91:2e:6a:eb:85 > bf:8d:ec:b4:f6:87, ethertype IPv4 (0x0800), length 60: 1.2.3.4 > 6.7.8.9: ICMP echo request"
  ])("%s", (line) => {
    expect(decodeLine(line)).toBeUndefined()
  })
})
