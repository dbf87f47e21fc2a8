import { ipv4Kinds, ipv6Kinds } from "../PacketKinds.ts"
import type { LoggedPacket } from "../PcapWriter.ts"
import type { HeaderLayout } from "../PflogHeader.ts"
import { Action, Direction, Reason } from "../PfNumbers.ts"
import { makeRandom } from "../Random.ts"
import { inboundRoute } from "../Routes.ts"
import { floodStart } from "./Flood.ts"
import { anyHeaderFields } from "./Matrix.ts"

/**
 * Packets whose pflog header gives an address family that no system knows, or that is not the packet's: tcpdump prints
 * no address of them, and their bytes as a dump of several lines or not at all.
 */
export function* wrongFamily(header: HeaderLayout, packets: number, seed: number): Generator<LoggedPacket> {
  const random = makeRandom(seed)
  for (let index = 0; index < packets; index++) {
    const overIpv6 = random.oneIn(2)
    const packet = random.pick(overIpv6 ? ipv6Kinds : ipv4Kinds)(random, inboundRoute(random, overIpv6))
    yield {
      time: floodStart + index * 1000,
      header,
      pf: {
        ...anyHeaderFields(random),
        action: Action.block,
        reason: Reason.match,
        direction: Direction.in,
        addressFamily: random.pick([0, 7, 255, overIpv6 ? 2 : 28])
      },
      packet
    }
  }
}
