import * as fs from "node:fs"
import { captureOf } from "../captures/CaptureInMemory.ts"
import { ipv4 } from "../captures/IpPacket.ts"
import type { LoggedPacket } from "../captures/PcapWriter.ts"
import { blockIn, freebsdHeader } from "../captures/PflogHeader.ts"
import { tcp } from "../captures/Segment.ts"

const packet = (number: number): LoggedPacket => ({
  time: 1_700_000_000_000_000 + (number % 1_000_000),
  header: freebsdHeader,
  pf: blockIn(number % 40),
  packet: ipv4({
    source: "198.51.100.7",
    destination: "192.0.2.1",
    identification: 0,
    dontFragment: true,
    segment: tcp({ ports: [4242, 22], flags: "S", sequence: number, window: 1024 })
  })
})

/** Writes a capture of packets whose text is that of `numberedText`; the file's header is left out where others come before. */
export const writeNumberedPackets = (file: string, from: number, count: number, isFirst: boolean): void => {
  const { bytes } = captureOf(Array.from({ length: count }, (_, index) => packet(from + index)))
  fs.writeFileSync(file, isFirst ? bytes : bytes.subarray(24))
}
