import { captureOf } from "./CaptureInMemory.ts"
import { ip } from "./IpPacket.ts"
import type { LoggedPacket } from "./PcapWriter.ts"
import { freebsdHeader } from "./PflogHeader.ts"
import { Action, Direction, Reason } from "./PfNumbers.ts"
import type { Segment } from "./Segment.ts"

/** One packet to log; blocked inbound unless it says otherwise. */
export interface TestPacket {
  readonly source: string
  readonly destination: string
  readonly segment: Segment
  readonly action?: number
  readonly direction?: number
  readonly interface?: string
}

const fileHeaderLength = 24

/**
 * A capture of pflogd's with these packets, 10 ms apart, from now on: fail2ban mistrusts lines that are far from the present.
 *
 * @param withHeader `false` gives records that continue a capture
 */
export const presentCapture = (packets: ReadonlyArray<TestPacket>, withHeader = true): Buffer => {
  const start = Date.now() * 1000
  const { bytes } = captureOf(packets.map((packet, index) => logged(packet, start + index * 10_000)))
  return withHeader ? bytes : bytes.subarray(fileHeaderLength)
}

const logged = (
  { source, destination, segment, action, direction, ...rest }: TestPacket,
  time: number
): LoggedPacket => ({
  time,
  header: freebsdHeader,
  pf: {
    rule: 1,
    ruleset: undefined,
    subrule: undefined,
    reason: Reason.match,
    action: action ?? Action.block,
    direction: direction ?? Direction.in,
    interface: rest.interface ?? "em0",
    uid: undefined,
    pid: undefined,
    ridentifier: undefined
  },
  packet: ip({ source, destination, segment })
})
