import { internetChecksum } from "./Checksum.ts"
import { type IpPacket, ip } from "./IpPacket.ts"
import { type PacketKind, plainTcp, plainUdp, type Route } from "./PacketKinds.ts"
import type { Random } from "./Random.ts"
import type { Segment } from "./Segment.ts"

/** Changes the bytes of a packet after it was made. */
type Lie = (view: DataView, packet: IpPacket) => void

const lying =
  (segment: (random: Random) => Segment, lie: (random: Random) => Lie): PacketKind =>
  (random: Random, route: Route): IpPacket => {
    const packet = ip({ ...route, segment: segment(random) })
    const view = new DataView(packet.bytes.buffer, packet.bytes.byteOffset, packet.bytes.byteLength)
    lie(random)(view, packet)
    if (packet.family === "ipv4") {
      view.setUint16(10, 0)
      view.setUint16(10, internetChecksum(packet.bytes.subarray(0, 20)))
    }
    return { ...packet, payloadLength: undefined, tcpFlags: undefined, lies: true }
  }

const setLength = (view: DataView, packet: IpPacket, transportLength: number): void => {
  if (packet.family === "ipv4") view.setUint16(2, 20 + transportLength)
  else view.setUint16(4, transportLength)
}

/** Packets whose headers lie about a length; the addresses and ports that they show are the true ones. */
export const lyingKinds: readonly [PacketKind, ...ReadonlyArray<PacketKind>] = [
  // Says that it is longer than what came: "truncated-ip - N bytes missing!".
  lying(plainTcp, (random) => (view, packet) => setLength(view, packet, packet.bytes.length + random.between(1, 1400))),
  lying(plainUdp, (random) => (view, packet) => setLength(view, packet, packet.bytes.length + random.between(1, 1400))),
  // Says that it is shorter, so that bytes follow its end.
  lying(plainTcp, (random) => (view, packet) => setLength(view, packet, random.between(20, packet.bytes.length - 20))),
  // A TCP header of less than 20 bytes, and of more than there are.
  lying(plainTcp, (random) => (view, packet) => view.setUint8(packet.transportAt + 12, random.below(5) << 4)),
  lying(plainTcp, () => (view, packet) => view.setUint8(packet.transportAt + 12, 0xf0)),
  // A UDP length that is too short for its header, or longer than the packet.
  lying(plainUdp, (random) => (view, packet) => view.setUint16(packet.transportAt + 4, random.below(8))),
  lying(plainUdp, () => (view, packet) => view.setUint16(packet.transportAt + 4, 65_535))
]
