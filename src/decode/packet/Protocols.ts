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

/** Whether tcpdump prints the ports of this protocol, and so the entry has them. */
export const carriesPorts = (protocol: number): boolean =>
  protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp || protocol === Protocol.dccp
