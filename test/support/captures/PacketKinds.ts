import { addressBytes } from "./Address.ts"
import { asPayload, destinationOptions, hopByHop, type IpPacket, ip, ipv4, ipv6 } from "./IpPacket.ts"
import type { Random } from "./Random.ts"
import {
  esp,
  gre,
  icmp,
  icmp6,
  igmpReport,
  ospfHello,
  rawSegment,
  type Segment,
  sctp,
  synOptions,
  tcp,
  tcpFlagLetters,
  textPayload,
  udp
} from "./Segment.ts"

/** Where a packet of some kind goes from and to; both of the same family. */
export interface Route {
  readonly source: string
  readonly destination: string
}

/** Makes a packet of one kind. */
export type PacketKind = (random: Random, route: Route) => IpPacket

const highPort = (random: Random): number => random.between(32_768, 60_999)
const quietPort = (random: Random): number => random.pick([22_222, 10_000, 31_337, 7, 9, 4444, 60_000])

/** A TCP segment on ports for which tcpdump prints nothing of the payload, with any flags. */
export const plainTcp = (random: Random): Segment =>
  tcp({
    ports: [highPort(random), quietPort(random)],
    flags: tcpFlagLetters(random.below(256)),
    sequence: random.below(0xffff_ffff),
    acknowledgment: random.below(0xffff_ffff),
    window: random.below(65_536),
    options: random.oneIn(2) ? synOptions : new Uint8Array(0),
    payload: { bytes: random.oneIn(2) ? random.bytes(random.below(64)) : new Uint8Array(0), innerAddresses: [] }
  })

/** A UDP datagram on ports for which tcpdump prints only its length. */
export const plainUdp = (random: Random): Segment =>
  udp([highPort(random), quietPort(random)], { bytes: random.bytes(random.below(64)), innerAddresses: [] })

/** An inner packet that a tunnel carries or an error quotes: its addresses must not be banned. */
export const innerPacket = (random: Random, overIpv6: boolean): IpPacket =>
  ip({
    ...(overIpv6
      ? { source: `2001:db8:bad::${random.between(1, 0xffff).toString(16)}`, destination: "2001:db8:bad::2" }
      : { source: `198.18.${random.below(256)}.${random.between(1, 254)}`, destination: "198.19.0.1" }),
    segment: random.oneIn(2) ? plainTcp(random) : plainUdp(random)
  })

/** A part of a datagram of 2,000 bytes and more, from any of its fragments. */
const fragmentRange = (random: Random) =>
  random.oneIn(3)
    ? { offset: 0, length: 1480 }
    : random.oneIn(2)
      ? { offset: 1480, length: 520 }
      : { offset: 728, length: 752 }

const longSegment = (random: Random): Segment => {
  const payload = { bytes: random.bytes(2000), innerAddresses: [] }
  return random.oneIn(2)
    ? udp([highPort(random), quietPort(random)], payload)
    : tcp({ ports: [highPort(random), quietPort(random)], flags: "P.", payload })
}

const dhcpDiscover = {
  bytes: Uint8Array.of(1, 1, 6, 0, ...new Uint8Array(232), 0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255),
  innerAddresses: []
}

/** The kinds of packets that IPv4 knows. */
export const ipv4Kinds: readonly [PacketKind, ...ReadonlyArray<PacketKind>] = [
  (random, route) => ipv4({ ...route, segment: plainTcp(random) }),
  (random, route) => ipv4({ ...route, segment: plainUdp(random) }),
  (random, route) =>
    ipv4({ ...route, segment: icmp(8, 0, random.below(0x7fff_ffff), textPayload("abcdefghijklmnop")) }),
  (random, route) => ipv4({ ...route, segment: icmp(0, 0, random.below(0x7fff_ffff)) }),
  (random, route) =>
    ipv4({ ...route, segment: icmp(3, random.below(14), 0, asPayload(innerPacket(random, false), 28)) }),
  (random, route) => ipv4({ ...route, segment: icmp(11, 0, 0, asPayload(innerPacket(random, false))) }),
  (random, route) =>
    ipv4({ ...route, segment: icmp(5, 1, 0xc612_0001 | 0, asPayload(innerPacket(random, false), 28)) }),
  (random, route) => ipv4({ ...route, segment: icmp(13, 0, 1, { bytes: random.bytes(12), innerAddresses: [] }) }),
  (random, route) =>
    ipv4({ ...route, segment: sctp([highPort(random), 5060], { bytes: random.bytes(20), innerAddresses: [] }) }),
  (random, route) => ipv4({ ...route, segment: gre(0x0800, asPayload(innerPacket(random, false))) }),
  (random, route) => ipv4({ ...route, segment: gre(0x86dd, asPayload(innerPacket(random, true))) }),
  (random, route) => ipv4({ ...route, segment: rawSegment(4, "ipip", asPayload(innerPacket(random, false))) }),
  (random, route) => ipv4({ ...route, segment: rawSegment(41, "ipv6", asPayload(innerPacket(random, true))) }),
  (random, route) =>
    ipv4({ ...route, segment: esp(random.below(0x7fff_ffff), 1, { bytes: random.bytes(32), innerAddresses: [] }) }),
  (_, route) =>
    ipv4({
      ...route,
      destination: "224.0.0.251",
      options: Uint8Array.of(0x94, 4, 0, 0),
      hopLimit: 1,
      segment: igmpReport(addressBytes("224.0.0.251"))
    }),
  (_, route) =>
    ipv4({ ...route, destination: "224.0.0.5", hopLimit: 1, segment: ospfHello(addressBytes("198.18.9.9")) }),
  (random, route) =>
    ipv4({ ...route, options: Uint8Array.of(7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0), segment: plainTcp(random) }),
  (random, route) =>
    ipv4({
      ...route,
      identification: random.below(65_536),
      fragment: fragmentRange(random),
      segment: longSegment(random)
    }),
  (random, route) => ipv4({ ...route, destination: "255.255.255.255", segment: plainUdp(random) }),
  // A host that has no address yet.
  () => ipv4({ source: "0.0.0.0", destination: "255.255.255.255", segment: udp([68, 67], dhcpDiscover) }),
  (random, route) => ipv4({ ...route, segment: tcp({ ports: [0, 0], flags: "S", sequence: random.below(2 ** 32) }) }),
  (random, route) =>
    ipv4({
      ...route,
      segment: rawSegment(random.between(144, 239), undefined, { bytes: random.bytes(24), innerAddresses: [] })
    })
]

/** The kinds of packets that IPv6 knows. */
export const ipv6Kinds: readonly [PacketKind, ...ReadonlyArray<PacketKind>] = [
  (random, route) => ipv6({ ...route, segment: plainTcp(random) }),
  (random, route) => ipv6({ ...route, segment: plainUdp(random) }),
  (random, route) => ipv6({ ...route, segment: icmp6(128, 0, random.below(0x7fff_ffff), textPayload("abcdefgh")) }),
  (random, route) => ipv6({ ...route, segment: icmp6(129, 0, random.below(0x7fff_ffff)) }),
  (random, route) =>
    ipv6({ ...route, segment: icmp6(1, random.below(6), 0, asPayload(innerPacket(random, true), 48)) }),
  (random, route) => ipv6({ ...route, segment: icmp6(3, 0, 0, asPayload(innerPacket(random, true))) }),
  (_, route) =>
    ipv6({
      ...route,
      destination: "ff02::1:ff00:1",
      hopLimit: 255,
      segment: icmp6(135, 0, 0, { bytes: addressBytes("2001:db8:bad::135"), innerAddresses: ["2001:db8:bad::135"] })
    }),
  (_, route) =>
    ipv6({
      ...route,
      destination: "ff02::16",
      extensions: [hopByHop],
      hopLimit: 1,
      segment: icmp6(143, 0, 1, {
        bytes: Uint8Array.of(4, 0, 0, 0, ...addressBytes("ff02::fb")),
        innerAddresses: ["ff02::fb"]
      })
    }),
  (random, route) =>
    ipv6({ ...route, segment: sctp([highPort(random), 5060], { bytes: random.bytes(20), innerAddresses: [] }) }),
  (random, route) => ipv6({ ...route, segment: gre(0x0800, asPayload(innerPacket(random, false))) }),
  (random, route) => ipv6({ ...route, segment: rawSegment(4, "ipip", asPayload(innerPacket(random, false))) }),
  (random, route) => ipv6({ ...route, segment: rawSegment(41, "ipv6", asPayload(innerPacket(random, true))) }),
  (random, route) =>
    ipv6({ ...route, segment: esp(random.below(0x7fff_ffff), 1, { bytes: random.bytes(32), innerAddresses: [] }) }),
  (_, route) =>
    ipv6({
      source: "::",
      destination: "ff02::1:ff00:2",
      hopLimit: 255,
      segment: icmp6(135, 0, 0, { bytes: addressBytes(route.destination), innerAddresses: [] })
    }),
  (random, route) => ipv6({ ...route, extensions: [hopByHop], segment: plainTcp(random) }),
  (random, route) => ipv6({ ...route, extensions: [hopByHop, destinationOptions], segment: plainUdp(random) }),
  (random, route) =>
    ipv6({
      ...route,
      identification: random.below(0x7fff_ffff),
      fragment: fragmentRange(random),
      segment: longSegment(random)
    }),
  (random, route) =>
    ipv6({
      ...route,
      extensions: [destinationOptions],
      identification: random.below(0x7fff_ffff),
      fragment: fragmentRange(random),
      segment: longSegment(random)
    })
]
