/** Numbers of IP protocols and IPv6 extension headers that the decoder looks into (IANA, "Assigned Internet Protocol Numbers"). */
export const Protocol = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  tcp: 6,
  egp: 8,
  igrp: 9,
  udp: 17,
  dccp: 33,
  routing: 43,
  fragment: 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  mobile: 55,
  icmp6: 58,
  noNext: 59,
  destinationOptions: 60,
  mobilityOld: 62,
  networkDisk: 77,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  pgm: 113,
  sctp: 132,
  mobility: 135,
  ethernet: 143
} as const

/** The extension headers of IPv6 behind which another protocol follows: where one ends what was captured, none is known. */
const extensionHeaders: ReadonlySet<number> = new Set([
  Protocol.hopByHop,
  Protocol.routing,
  Protocol.fragment,
  Protocol.destinationOptions
])

/** Whether this is no protocol but an extension header of IPv6. */
export const isExtensionHeader = (protocol: number): boolean => extensionHeaders.has(protocol)

/** Whether tcpdump prints the ports of this protocol, and so the entry has them. */
export const carriesPorts = (protocol: number): boolean =>
  protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp || protocol === Protocol.dccp
