/** A packet that an innocent host sends, as tcpdump prints it from its addresses on. */
export interface PrintedPacket {
  /** What it is, for people. */
  readonly name: string
  /** The packet from a source. */
  readonly from: (source: string) => string
}

const us = "198.51.100.9"
const us6 = "2001:db8:9::9"

const udp = (from: number, to: number, destination = us, words = "UDP, length 48") => ({
  name: `UDP from port ${from} to ${to}`,
  from: (source: string) => `${source}.${from} > ${destination}.${to}: ${words}`
})

const icmp = (words: string) => ({
  name: `ICMP ${words}`,
  from: (source: string) => `${source} > ${us}: ICMP ${words}, length 36`
})

const openbsdIcmp = (words: string) => ({
  name: `icmp: ${words}`,
  from: (source: string) => `${source} > ${us}: icmp: ${words} (DF)`
})

const tcp = (words: string) => ({
  name: `TCP ${words}`,
  from: (source: string) => `${source}.443 > ${us}.50000: ${words}`
})

/** Over IPv4: late answers, errors, late TCP, and what peers and neighbours say. */
export const innocentIpv4: ReadonlyArray<PrintedPacket> = [
  udp(443, 50_000),
  udp(53, 50_000, us, "1234 1/0/1 A 203.0.113.66 (56)"),
  udp(53, 1024, us, "1234 NXDomain 0/1/0 (97)"),
  udp(123, 50_000, us, "NTPv4, Server, length 48"),
  udp(0, 50_000),
  udp(88, 50_000, us, " v5"),
  udp(161, 50_000, us, ' GetResponse(28)  .1.3.6.1.2.1.1.5.0="fw"'),
  udp(500, 50_000, us, "isakmp: phase 1 R ident"),
  udp(1023, 1024),
  udp(50_000, 443),
  udp(443, 443),
  udp(67, 68, us, "BOOTP/DHCP, Reply, length 300"),
  udp(68, 67, us, "BOOTP/DHCP, Request from 02:00:00:00:00:01, length 300"),
  udp(67, 67, us, "BOOTP/DHCP, Request from 02:00:00:00:00:01, length 300"),
  udp(123, 123, us, "NTPv4, Client, length 48"),
  udp(137, 137, us, "NBT UDP PACKET(137): QUERY; REQUEST; UNICAST"),
  udp(138, 138, us, "NBT UDP PACKET(138)"),
  udp(500, 500, us, "isakmp: phase 1 I ident"),
  udp(4500, 4500, us, "NONESP-encap: isakmp: parent_sa ikev2_init[I]"),
  udp(1900, 50_000),
  udp(3478, 50_000, us, "UDP, length 64"),
  udp(3702, 50_000),
  udp(5353, 5353, us, "0*- [0q] 1/0/0 (Cache flush) A 192.0.2.1 (40)"),
  udp(5353, 50_000, us, "0*- [0q] 1/0/0 A 192.0.2.1 (40)"),
  udp(5355, 50_000),
  udp(17_500, 17_500, "198.51.100.255"),
  udp(5353, 5353, "224.0.0.251"),
  udp(50_000, 1900, "239.255.255.250"),
  udp(50_000, 7777, "255.255.255.255"),
  { name: "OpenBSD's UDP answer", from: (source) => `${source}.53 > ${us}.50000: udp 48 (DF)` },
  { name: "old OpenBSD's NTP", from: (source) => `${source}.123 > ${us}.123:v4 client strat 0 poll 0` },
  { name: "old OpenBSD's cut answer", from: (source) => `${source}.53 > ${us}.50000:[|domain]` },
  { name: "old OpenBSD's cut ICMP", from: (source) => `${source} > ${us}:[|icmp]` },
  icmp("echo reply, id 1, seq 1"),
  icmp("host 203.0.113.66 unreachable"),
  icmp("203.0.113.66 udp port 53 unreachable"),
  icmp("net 203.0.113.0 unreachable - admin prohibited"),
  icmp("203.0.113.66 unreachable - need to frag (mtu 1400)"),
  icmp("unreachable - #3"),
  icmp("time exceeded in-transit"),
  icmp("ip reassembly time exceeded"),
  icmp("parameter problem - octet 0"),
  icmp("source quench"),
  icmp("redirect 203.0.113.66 to host 203.0.113.1"),
  icmp("redirect-#1"),
  icmp("router advertisement lifetime 30:00 1: {192.0.2.1 0}"),
  icmp("router solicitation"),
  icmp("time stamp reply id 0 seq 1: org 00:00:00.000, recv 00:00:00.000, xmit 00:00:00.000"),
  icmp("information reply"),
  icmp("address mask is 0xffffff00"),
  icmp("type-#43"),
  icmp("type-#420"),
  openbsdIcmp("echo reply"),
  openbsdIcmp("203.0.113.66 udp port 53 unreachable"),
  openbsdIcmp("time exceeded in-transit"),
  { name: "cut ICMP", from: (source) => `${source} > ${us}: [|icmp]` },
  { name: "IGMP", from: (source) => `${source} > 224.0.0.22: igmp v3 report, 1 group record(s)` },
  { name: "VRRP", from: (source) => `${source} > 224.0.0.18: VRRPv2, Advertisement, vrid 1, prio 100, length 20` },
  tcp("Flags [S.], seq 1, ack 2, win 1024, length 0"),
  tcp("Flags [.], ack 2, win 1024, length 0"),
  tcp("Flags [R], seq 1, win 0, length 0"),
  tcp("Flags [F.], seq 1, ack 2, win 1024, length 0"),
  tcp("S 1:1(0) ack 2 win 1024 (DF)"),
  tcp("P 1:9(8) ack 1 win 1024 (DF)"),
  tcp(". ack 1 win 1024 (DF)"),
  tcp("R 1:1(0) win 0 (DF)"),
  tcp("R [bad hdr length] (DF)"),
  tcp("P [tcp sum ok] (src OS: Linux 2.6) 1:9(8) ack 1 win 5")
]

const udp6 = (from: number, to: number, words = "UDP, length 48") => udp(from, to, us6, words)

const icmp6 = (words: string, destination = us6) => ({
  name: `ICMP6, ${words}`,
  from: (source: string) => `${source} > ${destination}: ICMP6, ${words}, length 32`
})

/** Over IPv6, extension headers included. */
export const innocentIpv6: ReadonlyArray<PrintedPacket> = [
  udp6(443, 50_000),
  udp6(53, 50_000, "1234 1/0/1 AAAA 2001:db8:66::66 (56)"),
  udp6(123, 123, "NTPv4, Client, length 48"),
  udp6(50_000, 443),
  udp6(546, 547, "dhcp6 solicit"),
  udp6(547, 546, "dhcp6 reply"),
  { name: "old OpenBSD's DHCPv6", from: (source) => `${source}.546 > ${us6}.547:dhcp6 solicit [hlim 1]` },
  udp6(547, 547, "dhcp6 relay-fwd"),
  udp6(500, 500, "isakmp: phase 1 I ident"),
  udp6(5353, 50_000, "0*- [0q] 1/0/0 AAAA 2001:db8::1 (40)"),
  {
    name: "an answer behind an extension header",
    from: (source) => `${source} > ${us6}: DSTOPT 53 > 50000: UDP, length 48`
  },
  {
    name: "the first fragment of an answer",
    from: (source) => `${source} > ${us6}: frag (0|1448) 53 > 50000: UDP, length 2000`
  },
  icmp6("echo reply, id 1, seq 1"),
  icmp6("destination unreachable, unreachable port, 2001:db8:66::66 udp port 53"),
  icmp6("destination unreachable, code-#4"),
  icmp6("packet too big, mtu 1280"),
  icmp6("time exceeded in-transit for 2001:db8:66::66"),
  icmp6("parameter problem, code-#1"),
  icmp6("router solicitation"),
  icmp6("router advertisement"),
  icmp6("neighbor solicitation, who has 2001:db8:9::9"),
  icmp6("neighbor solicitation, who has 2001:db8:9::9", "ff02::1:ff00:9"),
  icmp6("neighbor advertisement, tgt is 2001:db8:9::1"),
  icmp6("redirect, 2001:db8:66::66 to fe80::1"),
  icmp6("multicast listener query v2 [gaddr ::]"),
  icmp6("multicast listener report v2, 1 group record(s)"),
  { name: "MLD", from: (source) => `${source} > ff02::16: HBH ICMP6, multicast listener report v2, length 28` },
  { name: "an error behind a header", from: (source) => `${source} > ${us6}: HBH ICMP6, echo reply, id 1, seq 1` },
  { name: "OpenBSD's error", from: (source) => `${source} > ${us6}: icmp6: time exceeded in-transit for 2001:db8::66` },
  { name: "OpenBSD's neighbour", from: (source) => `${source} > ${us6}: icmp6: neighbor adv: tgt is 2001:db8:9::1` },
  {
    name: "an answer behind a routing header",
    from: (source) =>
      `${source} > ${us6}: RT6 (len=4, type=4, segleft=0, last-entry=0, tag=0, [0]2001:db8::5, TLV-type=PadN(1)) 53 > 50000: UDP, length 4`
  },
  {
    name: "OpenBSD's MLD",
    from: (source) => `${source} > ${us6}: HBH multicast listener report v2, 1 group record(s) [hlim 1]`
  },
  { name: "late TCP", from: (source) => `${source}.443 > ${us6}.50000: Flags [R.], seq 1, ack 2, win 0, length 0` },
  {
    name: "late TCP behind a header",
    from: (source) => `${source} > ${us6}: DSTOPT 443 > 50000: Flags [P.], seq 1:2, ack 2, win 1024, length 1`
  }
]

/** Sources that no host can have. */
export const impossibleIpv4: ReadonlyArray<string> = [
  "0.0.0.0",
  "0.1.2.3",
  "127.0.0.1",
  "127.255.0.9",
  "169.254.7.7",
  "224.0.0.1",
  "239.255.255.250",
  "240.0.0.1",
  "250.1.2.3",
  "255.255.255.255"
]

/** The same of IPv6. */
export const impossibleIpv6: ReadonlyArray<string> = [
  "::",
  "::1",
  "::192.0.2.77",
  "::ffff:192.0.2.77",
  "::ffff:0:192.0.2.77",
  "::5:6",
  "0:0:1::2",
  "fe80::77",
  "fe80:4::77",
  "febf::1",
  "ff02::1",
  "ff05::1:3"
]

/** Sources beside those, which hosts do have. */
export const possibleSources: ReadonlyArray<string> = [
  "1.0.0.1",
  "10.0.0.1",
  "100.64.0.1",
  "126.0.0.1",
  "128.0.0.1",
  "169.253.1.1",
  "169.255.1.1",
  "192.168.1.1",
  "223.255.255.254",
  "2001:db8::77",
  "64:ff9b::c000:24d",
  "64:ff9b:1::1",
  "fd00::1",
  "fe7f::1",
  "fec0::1",
  "ff:1::1",
  "fe8:1::1"
]
