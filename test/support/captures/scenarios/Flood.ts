import { ipv4FromNumber } from "../Address.ts"
import { ipv4 } from "../IpPacket.ts"
import type { LoggedPacket } from "../PcapWriter.ts"
import { blockIn, type HeaderLayout } from "../PflogHeader.ts"
import { synOptions, tcp } from "../Segment.ts"

/** When the first packet of a flood was logged: 2026-11-22T06:00:00Z. */
export const floodStart = Date.UTC(2026, 10, 22, 6) * 1000

/** Where the sources of a flood are: side by side from 11.0.0.1 on, all over 10.0.0.0/8, or all over the first half of the address space. */
export type FloodOrigin = "neighbours" | "network" | "everywhere"

/** The address of the n-th source of a flood; all are different up to 2^24, and beyond but for those of a network. */
export const floodSource = (index: number, origin: FloodOrigin = "neighbours"): string => {
  // An odd factor takes no two of 2^24, or of 2^31, numbers to the same one.
  const shuffled = Math.imul(index + 1, 0x9e37_79b1)
  switch (origin) {
    case "neighbours":
      return ipv4FromNumber(0x0b00_0001 + index)
    case "network":
      return ipv4FromNumber(0x0a00_0000 + (shuffled & 0x00ff_ffff))
    case "everywhere":
      return ipv4FromNumber(0x0100_0000 + (shuffled & 0x7fff_ffff))
  }
}

/**
 * A SYN flood: the n-th packet carries n as its TCP sequence number and comes 10 µs after the one before, so that a
 * reader of the log can tell whether each is there once, in order, and under its own time.
 *
 * @param sources how many hosts it comes from, in turn
 */
export function* flood(
  header: HeaderLayout,
  packets: number,
  sources: number,
  origin: FloodOrigin = "neighbours"
): Generator<LoggedPacket> {
  for (let index = 0; index < packets; index++) {
    yield {
      time: floodStart + index * 10,
      header,
      pf: blockIn(17),
      packet: ipv4({
        source: floodSource(index % sources, origin),
        destination: "198.51.100.10",
        identification: index & 0xffff,
        dontFragment: true,
        segment: tcp({
          ports: [1024 + (index % 60_000), 443],
          flags: "S",
          sequence: index,
          window: 64_240,
          options: synOptions
        })
      })
    }
  }
}
