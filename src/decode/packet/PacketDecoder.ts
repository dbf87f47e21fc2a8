import type { Decoder } from "../Decoder.ts"
import { PacketEntry } from "./PacketEntry.ts"
import { PcapRecords } from "./PcapRecords.ts"
import { pflogHeaderProblem } from "./PflogHeader.ts"

/**
 * A decoder of what `tcpdump -U -w -` writes: a classic pcap file of link type 117 (pflog), in either byte order, with
 * micro- or nanoseconds. A record without a whole header of pf's is told as tcpdump tells it, as no entry.
 */
export const makePacketDecoder = (): Decoder<PacketEntry> => {
  const records = new PcapRecords()
  return {
    push: (bytes, sink) =>
      records.push(bytes, (capture, start, end, wireLength, time) => {
        const problem = pflogHeaderProblem(capture, start, end)
        if (problem !== undefined) return sink.other(problem)
        sink.entry(new PacketEntry(capture, start, end, wireLength, time))
      }),
    end: () => records.end()
  }
}
