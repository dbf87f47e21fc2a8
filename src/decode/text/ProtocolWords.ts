/** The first word behind `A.port > B.port: ` of the protocols that tcpdump names there; UDP it mostly does not name. */
export const portWords: ReadonlyMap<string, string> = new Map([
  ["tcp", "tcp"],
  ["[|tcp", "tcp"],
  ["sctp", "sctp"],
  ["[|sctp", "sctp"],
  ["DCCP", "dccp"],
  ["[|dccp", "dccp"],
  ["truncated-dccp", "dccp"],
  ["PGM", "pgm"],
  ["[|pgm", "pgm"]
])

/**
 * The first word behind `A > B: `, which tcpdump writes itself, in front of anything that the packet holds. What is wrong
 * with an IP packet stands behind addresses only where they are those of a packet around it.
 */
export const portlessWords: ReadonlyMap<string, string> = new Map([
  ...words("icmp", "ICMP", "icmp", "[|icmp", "[ICMP"),
  // OpenBSD's tcpdump writes the second version of the listener report without a name in front.
  ...words("ipv6-icmp", "ICMP6", "icmp6", "[|icmp6", "[ICMPv", "multicast"),
  ...words("igmp", "igmp", "[|igmp", "[IGMP", "mtrace", "mresp"),
  ...words("gre", "GREv", "gre", "[|gre"),
  ...words("esp", "ESP", "[|esp"),
  ...words("ah", "AH", "[|ah"),
  ...words("ipcomp", "IPComp", "[|ipcomp"),
  ...words("ospf", "OSPFv", "[|ospf", "[|ospf6"),
  ...words("pim", "PIMv", "PIM", "pim", "[|pim"),
  ...words("pfsync", "PFSYNCv", "[|pfsync"),
  ...words("vrrp", "VRRPv", "VRRP", "vrrp", "CARPv", "[|vrrp", "[|carp"),
  ...words("eigrp", "EIGRP", "[|eigrp"),
  ...words("igp", "igrp", "[|igrp"),
  ...words("egp", "EGPv", "egp", "[|egp"),
  ...words("rsvp", "RSVPv", "ERROR", "[|rsvp"),
  ...words("mobile", "mobile", "[|mobile"),
  ...words("mobility-header", "mobility", "[|mobility"),
  ...words("sun-nd", "nd"),
  ...words("ipv6-nonxt", "no"),
  ...words("ethernet", "[Ethernet", "[|ether"),
  ...words("tcp", "[|tcp", "truncated-tcp"),
  ...words("udp", "[|udp", "truncated-udp"),
  ...words("sctp", "truncated-sctp", "[|sctp"),
  ...words("dccp", "truncated-dccp", "[|dccp"),
  ...words("pgm", "PGM", "[|pgm"),
  ...words("ipip", "IP", "IP6", "bad", "truncated-ip", "[|ip"),
  ...words("ipv6", "version", "truncated-ip6", "[|ip6")
])

/** The words of one protocol, as the entries of a map. */
function words(protocol: string, ...written: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> {
  return written.map((word) => [word, protocol])
}

/** The first word where even the addresses are missing: of a header that is cut off, or of CARP on OpenBSD. */
export const addresslessWords: ReadonlyMap<string, string> = new Map([
  ...words("sctp", "truncated-sctp", "[|sctp"),
  ...words("dccp", "truncated-dccp", "[|dccp"),
  ...words("tcp", "truncated-tcp", "[|tcp"),
  ...words("udp", "truncated-udp", "[|udp"),
  ...words("vrrp", "CARPv", "VRRPv", "[|carp", "[|vrrp")
])

/** `ICMP6`, `GREv` (of `GREv0` and `GREv6`), `[|tcp`, `[ICMP`, `truncated-udp`. */
const firstWord = /^ ?((?:\[\|?|truncated-)?[A-Za-z]+(?:(?<!v)6)?)/

/** The first word of a text, as the tables here have it; nothing where it begins with none. */
export const wordOf = (text: string): string => firstWord.exec(text)?.[1] ?? ""
