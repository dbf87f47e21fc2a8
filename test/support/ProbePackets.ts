import type { PrintedPacket } from "./InnocentPackets.ts"

const us = "198.51.100.9"
const us6 = "2001:db8:9::9"

/** A probe, and whether it shows flags of TCP: those count in mode `tcp`. */
export interface PrintedProbe extends PrintedPacket {
  readonly tcp: boolean
}

const tcp = (words: string, from = 41_854, to = 6379): PrintedProbe => ({
  name: `TCP ${words} from port ${from}`,
  from: (source) => `${source}.${from} > ${us}.${to}: ${words}`,
  tcp: true
})

const udp = (from: number, to: number, words = "UDP, length 4"): PrintedProbe => ({
  name: `UDP from port ${from} to ${to}`,
  from: (source) => `${source}.${from} > ${us}.${to}: ${words}`,
  tcp: false
})

const portless = (words: string): PrintedProbe => ({
  name: words,
  from: (source) => `${source} > ${us}: ${words}`,
  tcp: false
})

const over6 = (words: string, isTcp = false): PrintedProbe => ({
  name: words,
  from: (source) => `${source} > ${us6}: ${words}`,
  tcp: isTcp
})

/** Over IPv4: scans by TCP with every set of flags that scanners use, UDP, requests of ICMP, other protocols. */
export const probesIpv4: ReadonlyArray<PrintedProbe> = [
  ...["S", "F", "none", "FPU", "SEW", "P", "U", "SF"].map((flags) =>
    tcp(`Flags [${flags}], seq 1, win 1024, length 0`)
  ),
  tcp("Flags [S], seq 1, win 1024, length 0", 53, 40_000),
  tcp("Flags [S], seq 1, win 1024, length 0", 50_000, 443),
  tcp("Flags [S], seq 1, win 1024, length 0", 123, 123),
  tcp("Flags [S], seq 1, win 1024, length 9: HTTP: GET /Flags [R.] HTTP/1.1"),
  tcp("S 1:1(0) win 1024 (DF)", 53, 40_000),
  tcp("S [tcp sum ok] 1:1(0) win 5 (DF) (ttl 64, id 1, len 40)"),
  tcp("F 1:1(0) win 1024 (DF)"),
  tcp(". win 1024 (DF)"),
  tcp("FS [bad hdr length] (DF)"),
  tcp("S [tcp sum ok] (src OS: Linux 2.6) 1:1(0) win 5"),
  udp(41_854, 53, "1234+ A? example.org. (29)"),
  udp(41_854, 123, "NTPv4, Client, length 48"),
  udp(41_854, 161, ' GetRequest(28)  .1.3.6.1.2.1.1.5.0="fw"'),
  udp(41_854, 33_434),
  udp(41_854, 500),
  udp(1024, 50_000),
  udp(1024, 1023),
  udp(53, 53),
  udp(53, 1023),
  udp(123, 137),
  udp(4500, 500),
  udp(5353, 53),
  udp(41_854, 4430),
  udp(41_854, 44),
  udp(443, 80),
  { name: "OpenBSD's UDP", from: (source) => `${source}.41854 > ${us}.161: udp 4 (DF)`, tcp: false },
  { name: "UDP without ports", from: (source) => `${source} > ${us}: [|udp]`, tcp: false },
  { name: "cut TCP from a low port", from: (source) => `${source}.53 > ${us}.40000:  [|tcp]`, tcp: false },
  { name: "SCTP from a low port", from: (source) => `${source}.53 > ${us}.40000: sctp (1) [INIT]`, tcp: false },
  { name: "DCCP from a low port", from: (source) => `${source}.53 > ${us}.40000: DCCP DCCP-Request seq 1`, tcp: false },
  { name: "old OpenBSD's question", from: (source) => `${source}.41854 > ${us}.53:[|domain]`, tcp: false },
  {
    name: "a packet shorter than it says",
    from: (source) => `[total length 60 > length 40] (invalid) ${source}.1 > ${us}.80: Flags [S], seq 1`,
    tcp: true
  },
  {
    name: "a cut packet",
    from: (source) => `truncated-ip - 20 bytes missing! ${source}.1 > ${us}.2: UDP, length 40`,
    tcp: false
  },
  portless("ICMP echo request, id 1, seq 1, length 64"),
  portless("ICMP time stamp query id 0 seq 1, length 20"),
  portless("ICMP time stamp request, length 20"),
  portless("ICMP information request, length 8"),
  portless("ICMP address mask request, length 12"),
  portless("ICMP type-#42, length 28"),
  portless("icmp: echo request (DF)"),
  portless("icmp: time stamp request (DF)"),
  portless("icmp 64: echo request seq 0"),
  portless("GREv0, length 40: IP 203.0.113.1.5 > 203.0.113.2.6: Flags [.], ack 1"),
  portless("203.0.113.1.5 > 203.0.113.2.6: Flags [.], ack 1, win 1, length 0"),
  portless("ip-proto-17"),
  portless("ip-proto-6"),
  portless(" ip-proto-237 24"),
  portless("ESP(spi=0x00000001,seq=0x1), length 100"),
  {
    name: "an address that looks like a pair of ports",
    from: (source) => `${source} > 198.51.100.123: GREv0, length 4`,
    tcp: false
  }
]

/** Over IPv6. */
export const probesIpv6: ReadonlyArray<PrintedProbe> = [
  {
    name: "SYN",
    from: (source) => `${source}.50000 > ${us6}.22: Flags [S], seq 1, win 1024, length 0`,
    tcp: true
  },
  { name: "SYN from a low port", from: (source) => `${source}.53 > ${us6}.4000: Flags [S], seq 1`, tcp: true },
  { name: "UDP", from: (source) => `${source}.50000 > ${us6}.53: 1234+ A? example.org. (29)`, tcp: false },
  over6("HBH 1234 > 80: Flags [S], seq 1, win 1024, length 0", true),
  over6("HBH DSTOPT 53 > 4000: Flags [S], seq 1, win 1024, length 0", true),
  over6("RT6 (len=2, type=0, segleft=1) 1 > 2: Flags [S], seq 1", true),
  over6("srcrt (len=2, type=0, segleft=1, [0]2001:db8::9) 1 > 2: Flags [S], seq 1", true),
  over6("frag (0|1448) 39007 > 4444: Flags [S], seq 1", true),
  over6("frag (0|1448) 39007 > 53: UDP, length 2000"),
  over6("frag (1448|100)"),
  over6("HBH DSTOPT 43899 > 22222:  [|udp]"),
  over6("ICMP6, echo request, id 1, seq 1, length 64"),
  over6("HBH ICMP6, echo request, id 1, seq 1, length 64"),
  over6("frag (0|1448) ICMP6, echo request, id 1, seq 1, length 2000"),
  over6("ICMP6, who-are-you request node information query (noop), length 28"),
  over6("ICMP6, node information query, length 28"),
  over6("ICMP6, unknown icmp6 type (160), length 28"),
  over6("icmp6: echo request"),
  over6("no next header"),
  over6("9.9.9.9.1 > 8.8.8.8.2: Flags [R], seq 1"),
  {
    name: "a cut packet",
    from: (source) => `truncated-ip6 - 20 bytes missing!${source}.1 > ${us6}.2: UDP, length 40`,
    tcp: false
  }
]
