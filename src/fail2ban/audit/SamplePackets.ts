/** The line of an ordinary packet, of a kind that every pf meets. */
export interface SamplePacket {
  /** The kind of packet in words. */
  readonly name: string
  /** The line from `rule` on, as tcpdump 4.99 prints it. */
  readonly text: string
}

/** A time stamp of our log, with the space after it. */
export const ownPrefix = "2026-11-22T06:16:54.507027+01:00 "

const blocked = (packet: string, head = "rule 1/0(match): block in on em0"): string => `${head}: ${packet}`

const syn = "192.0.2.77.41854 > 198.51.100.9.6379: Flags [S], seq 1, win 1024, length 0"

/** Packets of the usual kinds, blocked, passed and outbound: a filter must match none of them wrongly. */
export const samplePackets: ReadonlyArray<SamplePacket> = [
  { name: "a SYN", text: blocked(syn) },
  { name: "a SYN, blocked by a rule of two digits", text: blocked(syn, "rule 17/0(match): block in on em0") },
  { name: "a SYN, blocked in an anchor", text: blocked(syn, "rule 3.f2b/sshd.0/0(match): block in on em0") },
  { name: "a SYN on a VLAN", text: blocked(syn, "rule 1/0(match): block in on vtnet0.10") },
  { name: "a SYN, blocked by the default rule", text: blocked(syn, "rule 4294967295/0(match): block in on em0") },
  { name: "a SYN that passed", text: blocked(syn, "rule 2/0(match): pass in on em0") },
  {
    name: "a SYN, blocked on its way out",
    text: blocked(
      "198.51.100.9.50000 > 192.0.2.77.25: Flags [S], seq 1, win 1024, length 0",
      "rule 4/0(match): block out on em0"
    )
  },
  {
    name: "a packet that passed on its way out",
    text: blocked("198.51.100.9.50000 > 192.0.2.77.53: 1+ A? example.org. (29)", "rule 5/0(match): pass out on em0")
  },
  { name: "a packet of the NAT", text: blocked(syn, "rule 0/0(match): rdr in on em0") },
  {
    name: "a late TCP packet",
    text: blocked("192.0.2.77.443 > 198.51.100.9.50000: Flags [F.], seq 1, ack 2, win 512, length 0")
  },
  { name: "UDP", text: blocked("192.0.2.77.53 > 198.51.100.9.33434: UDP, length 12") },
  { name: "a ping", text: blocked("192.0.2.77 > 198.51.100.9: ICMP echo request, id 1, seq 1, length 64") },
  {
    name: "an ICMP error",
    text: blocked("192.0.2.77 > 198.51.100.9: ICMP host 203.0.113.66 unreachable, length 36")
  },
  { name: "GRE", text: blocked("192.0.2.77 > 198.51.100.9: GREv1, call 7, seq 1, ack 1, length 40") },
  { name: "a later fragment", text: blocked("192.0.2.77 > 198.51.100.9: ip-proto-17") },
  {
    name: "a cut packet",
    text: blocked("truncated-ip - 20 bytes missing! 192.0.2.77.5 > 198.51.100.9.6: UDP, length 40")
  },
  {
    name: "a SYN over IPv6",
    text: blocked("2001:db8::77.41854 > 2001:db8:9::9.22: Flags [S], seq 1, win 1024, length 0")
  },
  { name: "UDP over IPv6", text: blocked("2001:db8::77.53 > 2001:db8:9::9.33434: UDP, length 12") },
  {
    name: "a ping over IPv6",
    text: blocked("2001:db8::77 > 2001:db8:9::9: ICMP6, echo request, id 1, seq 1, length 64")
  },
  {
    name: "a SYN over IPv6 behind an extension header",
    text: blocked("2001:db8::77 > 2001:db8:9::9: HBH 41854 > 22: Flags [S], seq 1, win 1024, length 0")
  },
  { name: "multicast", text: blocked("192.0.2.77.5353 > 224.0.0.251.5353: 0 PTR (QM)? _ipp._tcp.local. (32)") },
  { name: "broadcast", text: blocked("192.0.2.77.137 > 255.255.255.255.137: UDP, length 50") },
  { name: "multicast over IPv6", text: blocked("fe80::77 > ff02::1: ICMP6, router advertisement, length 64") },
  {
    name: "a packet with a bad checksum",
    text: blocked(syn, "rule 0/9(proto-cksum): block in on em0")
  }
]
