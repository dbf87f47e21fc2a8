import { ipv4FromNumber } from "../Address.ts"
import { ipv4 } from "../IpPacket.ts"
import type { LoggedPacket } from "../PcapWriter.ts"
import { blockIn, type HeaderLayout } from "../PflogHeader.ts"
import { synOptions, tcp } from "../Segment.ts"

/** When the first packet of a flood was logged: 2026-11-22T06:00:00Z. */
export const floodStart = Date.UTC(2026, 10, 22, 6) * 1000

/** The address of the n-th source of a flood, from 11.0.0.1 on; all are different up to 2^24 and far beyond. */
export const floodSource = (index: number): string => ipv4FromNumber(0x0b00_0001 + index)

/**
 * A SYN flood: the n-th packet carries n as its TCP sequence number and comes 10 µs after the one before, so that a
 * reader of the log can tell whether each is there once, in order, and under its own time.
 *
 * @param sources how many hosts it comes from, in turn
 */
export function* flood(header: HeaderLayout, packets: number, sources: number): Generator<LoggedPacket> {
  for (let index = 0; index < packets; index++) {
    yield {
      time: floodStart + index * 10,
      header,
      pf: blockIn(17),
      packet: ipv4({
        source: floodSource(index % sources),
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
