import { ipv4 } from "../IpPacket.ts"
import type { LoggedPacket } from "../PcapWriter.ts"
import { blockIn, type HeaderLayout } from "../PflogHeader.ts"
import { makeRandom } from "../Random.ts"
import { synOptions, tcp } from "../Segment.ts"
import { floodSource, floodStart } from "./Flood.ts"

/**
 * Port scans: each of the hosts tries one port after the other, all at the same time, a packet a millisecond.
 *
 * @param sources how many hosts scan
 */
export function* scan(header: HeaderLayout, packets: number, sources: number, seed: number): Generator<LoggedPacket> {
  const random = makeRandom(seed)
  for (let index = 0; index < packets; index++) {
    yield {
      time: floodStart + index * 1000,
      header,
      pf: blockIn(random.pick([4, 17, 105])),
      packet: ipv4({
        source: floodSource(index % sources),
        destination: "198.51.100.10",
        identification: random.below(65_536),
        segment: tcp({
          ports: [random.between(32_768, 60_999), 1 + (Math.floor(index / sources) % 65_535)],
          flags: random.pick(["S", "S", "S", "F", "FPU", "none", "."]),
          sequence: random.below(0xffff_ffff),
          window: 1024,
          options: synOptions
        })
      })
    }
  }
}
