/** Numbers of IP protocols and IPv6 extension headers that the decoder looks into (IANA, "Assigned Internet Protocol Numbers"). */
export const Protocol = {
  hopByHop: 0,
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  routing: 43,
  fragment: 44,
  esp: 50,
  ah: 51,
  mobilityOld: 62,
  icmp6: 58,
  noNext: 59,
  destinationOptions: 60,
  sctp: 132,
  mobility: 135
} as const

const keywords: ReadonlyMap<number, string> = new Map([
  [0, "hopopt"],
  [1, "icmp"],
  [2, "igmp"],
  [3, "ggp"],
  [4, "ipip"],
  [5, "st"],
  [6, "tcp"],
  [7, "cbt"],
  [8, "egp"],
  [9, "igp"],
  [12, "pup"],
  [17, "udp"],
  [20, "hmp"],
  [22, "xns-idp"],
  [27, "rdp"],
  [29, "iso-tp4"],
  [33, "dccp"],
  [36, "xtp"],
  [37, "ddp"],
  [38, "idpr-cmtp"],
  [41, "ipv6"],
  [43, "ipv6-route"],
  [44, "ipv6-frag"],
  [45, "idrp"],
  [46, "rsvp"],
  [47, "gre"],
  [50, "esp"],
  [51, "ah"],
  [55, "mobile"],
  [57, "skip"],
  [58, "ipv6-icmp"],
  [59, "ipv6-nonxt"],
  [60, "ipv6-opts"],
  [73, "rspf"],
  [81, "vmtp"],
  [88, "eigrp"],
  [89, "ospf"],
  [92, "mtp"],
  [94, "ipip"],
  [97, "etherip"],
  [98, "encap"],
  [103, "pim"],
  [108, "ipcomp"],
  [112, "vrrp"],
  [113, "pgm"],
  [115, "l2tp"],
  [124, "isis"],
  [132, "sctp"],
  [133, "fc"],
  [135, "mobility-header"],
  [136, "udplite"],
  [137, "mpls-in-ip"],
  [139, "hip"],
  [140, "shim6"]
])

/** The extension headers of IPv6 behind which another protocol follows: where one ends what was captured, none is known. */
const extensionHeaders: ReadonlySet<number> = new Set([
  Protocol.hopByHop,
  Protocol.routing,
  Protocol.fragment,
  Protocol.destinationOptions
])

/** Whether this is no protocol but an extension header of IPv6. */
export const isExtensionHeader = (protocol: number): boolean => extensionHeaders.has(protocol)

/** The lower-case keyword of an IP protocol number, as IANA and /etc/protocols name it; none for an unknown one. */
export const protocolKeyword = (protocol: number): string | undefined => keywords.get(protocol)

/** Whether tcpdump prints the ports of this protocol, and so the entry has them. */
export const carriesPorts = (protocol: number): boolean =>
  protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp || protocol === Protocol.dccp
