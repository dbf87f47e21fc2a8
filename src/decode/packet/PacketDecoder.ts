import type { Decoder } from "../Decoder.ts"
import { PacketEntry } from "./PacketEntry.ts"
import { headText } from "./PacketText.ts"
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
        const entry = new PacketEntry(capture, start, end, wireLength, time)
        if (entry.pflog.direction === undefined) return sink.other(headText(entry.pflog))
        sink.entry(entry)
      }),
    end: () => records.end()
  }
}
