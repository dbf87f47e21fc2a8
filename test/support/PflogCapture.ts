import { ip } from "./captures/IpPacket.ts"
import { makePcapWriter } from "./captures/PcapWriter.ts"
import { freebsdHeader } from "./captures/PflogHeader.ts"
import { Action, Direction, Reason } from "./captures/PfNumbers.ts"
import type { Segment } from "./captures/Segment.ts"

/** One packet to log; blocked inbound where nothing else is said. */
export interface TestPacket {
  readonly source: string
  readonly destination: string
  readonly segment: Segment
  readonly action?: number
  readonly direction?: number
}

/** A capture of pflogd's with these packets, 10 ms apart; `withHeader` off gives records that continue one. */
export const captureOf = (packets: ReadonlyArray<TestPacket>, withHeader = true): Buffer => {
  // fail2ban mistrusts lines that are far from the present.
  const start = Date.now() * 1000
  const chunks: Array<Buffer> = []
  const writer = makePcapWriter({ byteOrder: "little", precision: "micro" }, (chunk) => chunks.push(Buffer.from(chunk)))
  for (const [index, { source, destination, segment, action, direction }] of packets.entries())
    writer.add({
      time: start + index * 10_000,
      header: freebsdHeader,
      pf: {
        rule: 1,
        ruleset: undefined,
        subrule: undefined,
        reason: Reason.match,
        action: action ?? Action.block,
        direction: direction ?? Direction.in,
        interface: "em0",
        uid: undefined,
        pid: undefined,
        ridentifier: undefined
      },
      packet: ip({ source, destination, segment })
    })
  writer.end()
  const bytes = Buffer.concat(chunks)
  return withHeader ? bytes : bytes.subarray(24)
}
