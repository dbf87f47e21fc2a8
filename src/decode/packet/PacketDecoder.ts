import type { DecodedSink, Decoder } from "../Decoder.ts"
import { PacketEntry } from "./PacketEntry.ts"
import { PcapRecords, type TakeRecord } from "./PcapRecords.ts"
import { pflogHeaderProblem } from "./PflogHeader.ts"

/** A packet that is longer than any capture of one is worth a warning: it is a jumbogram, or the capture is damaged. */
const remarkableLength = 262_144

/**
 * A decoder of what `tcpdump -U -w -` writes: a classic pcap file of link type 117 (pflog), in either byte order, with
 * micro- or nanoseconds. A record without a whole header of pf's is no entry: tcpdump's remark on it is handed on.
 */
export const makePacketDecoder = (): Decoder<PacketEntry> => {
  const records = new PcapRecords()
  const unknownLengths = new Set<number>()
  let decoded: DecodedSink<PacketEntry>
  const take: TakeRecord = (capture, start, end, wireLength, time) => {
    const problem = pflogHeaderProblem(capture, start, end)
    if (problem !== undefined) return decoded.other(problem)
    const entry = new PacketEntry(capture, start, end, wireLength, time)
    const { pflog } = entry
    if (!pflog.isKnown && !unknownLengths.has(pflog.length)) {
      unknownLengths.add(pflog.length)
      decoded.notice?.(unknownHeaderMessage(pflog.length))
    }
    if (wireLength > remarkableLength) decoded.notice?.(longPacketMessage(wireLength, end - start))
    decoded.entry(entry)
  }
  return {
    push: (bytes, sink) => {
      decoded = sink
      return records.push(bytes, take)
    },
    end: () => records.end()
  }
}

const unknownHeaderMessage = (length: number): string =>
  `the capture has pflog headers of ${length} bytes, which no known system writes: user, process and rule identifier are left ` +
  "out, numbers that only some systems name stay numbers, and a packet that does not fill its record gets no addresses"

const longPacketMessage = (wireLength: number, captured: number): string =>
  `the capture has a packet of ${wireLength} bytes, of which ${captured} were captured: it is a jumbogram, or the capture is damaged`
