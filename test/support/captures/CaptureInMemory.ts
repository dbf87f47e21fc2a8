import type { DecodeProblem } from "../../../src/decode/Decoder.ts"
import { makePacketDecoder } from "../../../src/decode/packet/PacketDecoder.ts"
import type { PacketEntry } from "../../../src/decode/packet/PacketEntry.ts"
import { type PacketTruth, truthOf } from "./PacketTruth.ts"
import { type LoggedPacket, makePcapWriter, type PcapFormat } from "./PcapWriter.ts"

/** A capture in memory, and what is true of its packets. */
export interface Capture {
  readonly bytes: Buffer
  readonly truths: ReadonlyArray<PacketTruth>
}

/** Writes packets to a capture in memory. */
export const captureOf = (
  packets: Iterable<LoggedPacket>,
  format: PcapFormat = { byteOrder: "little", precision: "micro" }
): Capture => {
  const chunks: Array<Buffer> = []
  const truths: Array<PacketTruth> = []
  const writer = makePcapWriter(format, (chunk) => chunks.push(Buffer.from(chunk)))
  for (const packet of packets) {
    truths.push(truthOf(truths.length, packet))
    writer.add(packet)
  }
  writer.end()
  return { bytes: Buffer.concat(chunks), truths }
}

/** What a decoder makes of a capture. */
export interface Decoded {
  readonly entries: ReadonlyArray<PacketEntry>
  readonly others: ReadonlyArray<string>
  /** What the decoder has to say itself. */
  readonly notices: ReadonlyArray<string>
  readonly problem: DecodeProblem | undefined
}

/** Decodes a capture that comes in chunks of the given length; the chunks are overwritten after they were pushed. */
export const decode = (bytes: Uint8Array, chunkLength = 65_536): Decoded => {
  const entries: Array<PacketEntry> = []
  const others: Array<string> = []
  const notices: Array<string> = []
  const sink = {
    entry: (entry: PacketEntry) => entries.push(entry),
    other: (line: string) => others.push(line),
    notice: (message: string) => notices.push(message)
  }
  const decoder = makePacketDecoder()
  let problem: DecodeProblem | undefined
  for (let at = 0; at < bytes.length && problem === undefined; at += chunkLength) {
    const chunk = Buffer.from(bytes.subarray(at, at + chunkLength))
    problem = decoder.push(chunk, sink)
    chunk.fill(0xaa)
  }
  return { entries, others, notices, problem: problem ?? decoder.end(sink) }
}
