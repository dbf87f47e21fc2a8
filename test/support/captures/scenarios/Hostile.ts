import { hostileSegments } from "../HostilePayloads.ts"
import { asPayload, type IpPacket, ip, ipv4, ipv6 } from "../IpPacket.ts"
import { lyingKinds } from "../LyingPackets.ts"
import { ipv4Kinds, ipv6Kinds, type Route } from "../PacketKinds.ts"
import type { LoggedPacket } from "../PcapWriter.ts"
import type { HeaderLayout } from "../PflogHeader.ts"
import { Action, Direction } from "../PfNumbers.ts"
import { makeRandom, type Random } from "../Random.ts"
import { inboundRoute, outboundRoute } from "../Routes.ts"
import { gre, icmp, icmp6, rawSegment } from "../Segment.ts"
import { floodStart } from "./Flood.ts"
import { anyHeaderFields } from "./Matrix.ts"

/**
 * Packets made to fool a reader: payloads with text that looks like lines of pf's log, tunnels and errors that carry
 * such packets, protocols full of random bytes, and packets that the capture cuts off.
 */
export function* hostile(header: HeaderLayout, packets: number, seed: number): Generator<LoggedPacket> {
  const random = makeRandom(seed)
  for (let index = 0; index < packets; index++) {
    const overIpv6 = random.oneIn(3)
    const direction = random.pick([Direction.in, Direction.in, Direction.in, Direction.out, Direction.both])
    const route = direction === Direction.out ? outboundRoute(random, overIpv6) : inboundRoute(random, overIpv6)
    const packet = hostilePacket(random, route, overIpv6)
    const cut = random.oneIn(8) ? { captured: cutLength(random, packet) } : {}
    yield {
      time: floodStart + index * 1_003,
      header,
      pf: {
        ...anyHeaderFields(random),
        action: random.pick([Action.block, Action.block, Action.block, Action.pass, Action.rdr]),
        reason: random.pick([0, 0, 0, 1, 2, 5, 8, 10]),
        direction
      },
      packet,
      ...cut
    }
  }
}

const hostilePacket = (random: Random, route: Route, overIpv6: boolean): IpPacket => {
  const kind = random.below(11)
  if (kind === 10) return random.pick(lyingKinds)(random, route)
  if (kind < 6) return ip({ ...route, segment: random.pick(hostileSegments)(random) })
  if (kind < 8) return random.pick(overIpv6 ? ipv6Kinds : ipv4Kinds)(random, route)
  return wrapped(random, route, overIpv6)
}

/** A hostile packet of another's inside of one that names its own sender. */
const wrapped = (random: Random, route: Route, overIpv6: boolean): IpPacket => {
  const innerIpv6 = random.oneIn(3)
  const inner = asPayload(
    ip({
      source: innerIpv6 ? "2001:db8:bad::66" : `198.18.7.${random.between(1, 254)}`,
      destination: innerIpv6 ? "2001:db8:bad::67" : "198.19.0.7",
      segment: random.pick(hostileSegments)(random)
    })
  )
  const tunnel = innerIpv6 ? rawSegment(41, "ipv6", inner) : rawSegment(4, "ipip", inner)
  const error = overIpv6 ? icmp6(1, 4, 0, inner) : icmp(3, 3, 0, inner)
  const segment = random.pick([tunnel, gre(innerIpv6 ? 0x86dd : 0x0800, inner), error])
  return overIpv6 ? ipv6({ ...route, segment }) : ipv4({ ...route, segment })
}

/** A length that cuts the packet somewhere behind its addresses. */
const cutLength = (random: Random, packet: IpPacket): number =>
  random.between(packet.family === "ipv4" ? 20 : 40, packet.bytes.length)
