import { makePacketDecoder } from "../decode/packet/PacketDecoder.ts"
import { type Records, singleRecords } from "./RecordSplitter.ts"

/**
 * Lines of records as a printer would write them, but in the packet decoder's words: for those that no printer prints. Each is
 * decoded by itself, so that one that makes no sense spoils no other.
 */
export const printInOwnWords = (records: Records): Buffer => {
  const lines = singleRecords(records).map((record) => `${stampOf(record)} ${textOf(record)}\n`)
  return Buffer.from(lines.join(""), "latin1")
}

const textOf = ({ file, bytes }: Records): string => {
  let text = `[a record of ${bytes.length} bytes that cannot be read]`
  const sink = {
    entry: (entry: { readonly text: string }) => {
      text = entry.text
    },
    other: (line: string) => {
      text = line
    }
  }
  const decoder = makePacketDecoder()
  decoder.push(file.header, sink)
  decoder.push(bytes, sink)
  return text
}

/** A record's time as `-tt` prints it. */
const stampOf = ({ file, bytes }: Records): string => {
  const read = (at: number) => (file.littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const micros = Math.floor(read(4) / file.ticksPerMicrosecond)
  return `${read(0)}.${String(micros).padStart(6, "0")}`
}
