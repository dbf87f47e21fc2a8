import { addressBytes } from "../Address.ts"
import { type IpPacket, ip, ipv4, ipv6 } from "../IpPacket.ts"
import type { LoggedPacket } from "../PcapWriter.ts"
import { blockIn, type HeaderFields, type HeaderLayout } from "../PflogHeader.ts"
import { Action, Direction, Reason } from "../PfNumbers.ts"
import { makeRandom, type Random } from "../Random.ts"
import { icmp, icmp6, igmpReport, type Segment, synOptions, tcp, textPayload, udp } from "../Segment.ts"

/** When the first packet of the sample was logged: 2026-11-22T05:00:00Z. */
export const sampleStart = Date.UTC(2026, 10, 22, 5) * 1000

const ourHost = "198.51.100.10"
const ourHost6 = "2001:db8:10::10"

/** Hosts of the sample that a jail of 5 hits in 10 minutes bans, in the order of their addresses. */
export const sampleScanners: ReadonlyArray<string> = ["192.0.2.77", "203.0.113.9", "203.0.113.66", "2001:db8:bad::1"]

const seconds = (count: number): number => Math.round(count * 1_000_000)

/** What happens at one moment of the sample. */
interface Event {
  readonly at: number
  readonly pf: HeaderFields
  readonly packet: IpPacket
}

const syn = (random: Random, port: number): Segment =>
  tcp({
    ports: [random.between(32_768, 60_999), port],
    flags: "S",
    sequence: random.below(0xffff_ffff),
    window: random.pick([1024, 29_200, 64_240, 65_535]),
    options: synOptions
  })

const ports = [22, 23, 25, 53, 80, 81, 110, 111, 135, 139, 143, 443, 445, 993, 1433, 1723, 3306, 3389, 5432, 5900, 6379]
const morePorts = [8080, 8443, 8888, 9200, 11_211, 27_017]

/** A host that tries one port after the other, some in a second. */
const portScan = (random: Random): ReadonlyArray<Event> =>
  [...ports, ...morePorts].map((port, index) => ({
    at: seconds(20 + index * 0.7 + random.below(300) / 1000),
    pf: blockIn(17),
    packet: ipv4({
      source: "203.0.113.9",
      destination: ourHost,
      segment: syn(random, port),
      hopLimit: 52,
      identification: random.below(65_536)
    })
  }))

/** The same over IPv6, on a VLAN. */
const portScan6 = (random: Random): ReadonlyArray<Event> =>
  ports.slice(0, 12).map((port, index) => ({
    at: seconds(95 + index * 3.1 + random.below(900) / 1000),
    pf: blockIn(42, "vlan0.10"),
    packet: ipv6({ source: "2001:db8:bad::1", destination: ourHost6, segment: syn(random, port), hopLimit: 49 })
  }))

/** A host that fail2ban has in pf's table already, blocked by the rule inside the anchor. */
const persistentLogin = (random: Random): ReadonlyArray<Event> =>
  Array.from({ length: 8 }, (_, index) => ({
    at: seconds(150 + index * 14 + random.below(2000) / 1000),
    pf: { ...blockIn(9), ruleset: "f2b/sshd", subrule: 0, ridentifier: 1_000_000_103 },
    packet: ipv4({ source: "192.0.2.77", destination: ourHost, segment: syn(random, 22), hopLimit: 47 })
  }))

/** A host that knocks on UDP ports. */
const udpScan = (random: Random): ReadonlyArray<Event> =>
  [53, 69, 123, 161, 389, 1900, 5060].map((port, index) => ({
    at: seconds(200 + index * 21 + random.below(5000) / 1000),
    pf: blockIn(105, "igb1_vlan20"),
    packet: ipv4({
      source: "203.0.113.66",
      destination: ourHost,
      segment: udp([random.between(32_768, 60_999), port], { bytes: random.bytes(12), innerAddresses: [] }),
      hopLimit: 243
    })
  }))

/** Hosts that come once to four times within minutes: no reason for a ban. */
const noise = (random: Random): ReadonlyArray<Event> =>
  Array.from({ length: 24 }, (_, host) => host).flatMap((host) => {
    const source = host % 4 === 3 ? `2001:db8:77:${host.toString(16)}::5` : `100.${64 + host}.${random.below(256)}.23`
    const destination = source.includes(":") ? ourHost6 : ourHost
    return Array.from({ length: random.between(1, 4) }, () => ({
      at: seconds(random.between(0, 700) + random.below(1000) / 1000),
      pf: blockIn(random.pick([17, 17, 17, 42, 105])),
      packet: ip({ source, destination, segment: noiseSegment(random, source.includes(":")), hopLimit: 55 })
    }))
  })

const noiseSegment = (random: Random, overIpv6: boolean): Segment => {
  if (random.oneIn(5)) return overIpv6 ? icmp6(128, 0, 0x0001_0001) : icmp(8, 0, random.below(0xffff) << 8)
  if (random.oneIn(4)) return udp([random.between(1024, 65_535), random.pick([123, 137, 1900, 5353])])
  return syn(random, random.pick([22, 23, 445, 3389, 8080]))
}

/** A host that comes once in five minutes, eight times: too slow for ten minutes' time. */
const slowVisitor = (random: Random): ReadonlyArray<Event> =>
  Array.from({ length: 8 }, (_, index) => ({
    at: seconds(10 + index * 300 + random.below(9000) / 1000),
    pf: blockIn(17),
    packet: ipv4({ source: "192.0.2.200", destination: ourHost, segment: syn(random, 2323), hopLimit: 110 })
  }))

/** Three echo requests of a host that tests the way. */
const pings = (): ReadonlyArray<Event> =>
  Array.from({ length: 3 }, (_, index) => ({
    at: seconds(60 + index),
    pf: blockIn(12),
    packet: ipv4({
      source: "192.0.2.33",
      destination: ourHost,
      segment: icmp(8, 0, (0x4d2 << 16) | (index + 1), textPayload("abcdefghijklmnopqrstuvwabcdefghi"))
    })
  }))

/** Visitors that a rule lets pass and logs: many packets, and no reason for a ban. */
const passed = (random: Random): ReadonlyArray<Event> =>
  Array.from({ length: 30 }, (_, index) => ({
    at: seconds(5 + index * 22 + random.below(4000) / 1000),
    pf: { ...blockIn(30), action: Action.pass },
    packet:
      index % 3 === 0
        ? ipv6({ source: "2001:db8:5::80", destination: ourHost6, segment: syn(random, 443) })
        : ipv4({ source: "198.51.100.200", destination: ourHost, segment: syn(random, 443), dontFragment: true })
  }))

/** What our own host must not send: the source is ours, and must not be banned. */
const ownOutbound = (random: Random): ReadonlyArray<Event> =>
  Array.from({ length: 12 }, (_, index) => ({
    at: seconds(30 + index * 25),
    pf: { ...blockIn(51), direction: Direction.out },
    packet: ipv4({ source: ourHost, destination: "192.0.2.25", segment: syn(random, 25), dontFragment: true })
  }))

/** Packets of other kinds, each once or twice. */
const oddities = (random: Random): ReadonlyArray<Event> => [
  {
    at: seconds(71),
    pf: { ...blockIn(12), reason: Reason.ipOption },
    packet: ipv4({
      source: "192.0.2.140",
      destination: "224.0.0.251",
      options: Uint8Array.of(0x94, 4, 0, 0),
      hopLimit: 1,
      segment: igmpReport(addressBytes("224.0.0.251"))
    })
  },
  {
    at: seconds(133),
    pf: { ...blockIn(17), reason: Reason.fragment },
    packet: ipv4({
      source: "192.0.2.141",
      destination: ourHost,
      identification: 4711,
      fragment: { offset: 1480, length: 100 },
      segment: udp([4000, 4001], { bytes: new Uint8Array(1572), innerAddresses: [] })
    })
  },
  {
    at: seconds(188),
    pf: { ...blockIn(17), rule: undefined },
    packet: ipv4({ source: "192.0.2.142", destination: ourHost, segment: syn(random, 179) })
  },
  {
    at: seconds(240),
    pf: blockIn(12),
    packet: ipv6({
      source: "fe80::1",
      destination: "ff02::1",
      hopLimit: 255,
      segment: icmp6(134, 0, 0x4000_0708, { bytes: new Uint8Array(8), innerAddresses: [] })
    })
  }
]

/**
 * The sample capture that is shipped: a morning's half hour on a small server, with three hosts that scan, one that
 * knocks on against a ban, and all sorts of packets that are no reason for a ban.
 */
export const sample = (header: HeaderLayout): ReadonlyArray<LoggedPacket> => {
  const random = makeRandom(2026)
  return [
    ...portScan(random),
    ...portScan6(random),
    ...persistentLogin(random),
    ...udpScan(random),
    ...noise(random),
    ...slowVisitor(random),
    ...pings(),
    ...passed(random),
    ...ownOutbound(random),
    ...oddities(random)
  ]
    .sort((one, other) => one.at - other.at)
    .map(({ at, pf, packet }) => ({ time: sampleStart + at + random.below(1000), header, pf, packet }))
}
