import type { EpochMicros } from "../../../src/decode/PfLogEntry.ts"
import type { IpPacket } from "./IpPacket.ts"
import { type HeaderFields, type HeaderLayout, paddedLength, writePflogHeader } from "./PflogHeader.ts"

/** How the file is written: the machine's byte order, and what its time stamps count. */
export interface PcapFormat {
  readonly byteOrder: "little" | "big"
  readonly precision: "micro" | "nano"
}

/** One packet as pf logged it. */
export interface LoggedPacket {
  readonly time: EpochMicros
  readonly header: HeaderLayout
  readonly pf: HeaderFields
  readonly packet: IpPacket
  /** How many bytes of the IP packet the capture holds; all where none is given. */
  readonly captured?: number
}

/** DLT_PFLOG, the link type of pflog interfaces. */
export const pflogLinkType = 117

const snapshotLength = 262_144
const chunkSize = 256 * 1024
const recordHeaderLength = 16

/**
 * Builds a classic pcap file (the format of `pcap-savefile(5)`) in memory, a large chunk at a time.
 *
 * @param write takes each full chunk, in order; the bytes are reused after it returns
 */
export const makePcapWriter = (format: PcapFormat, write: (chunk: Uint8Array) => void) => {
  const little = format.byteOrder === "little"
  const buffer = new Uint8Array(chunkSize)
  const view = new DataView(buffer.buffer)
  let used = 0

  const flush = (): void => {
    write(buffer.subarray(0, used))
    buffer.fill(0, 0, used)
    used = 0
  }

  view.setUint32(0, format.precision === "nano" ? 0xa1b2_3c4d : 0xa1b2_c3d4, little)
  view.setUint16(4, 2, little)
  view.setUint16(6, 4, little)
  view.setUint32(16, snapshotLength, little)
  view.setUint32(20, pflogLinkType, little)
  used = 24

  return {
    /** Appends one packet. */
    add: ({ time, header, pf, packet, captured }: LoggedPacket): void => {
      const pflogLength = paddedLength(header)
      const kept = Math.min(captured ?? packet.bytes.length, packet.bytes.length)
      if (used + recordHeaderLength + pflogLength + kept > chunkSize) flush()
      const seconds = Math.floor(time / 1_000_000)
      const micros = time - seconds * 1_000_000
      view.setUint32(used, seconds, little)
      view.setUint32(used + 4, format.precision === "nano" ? micros * 1000 + 999 : micros, little)
      view.setUint32(used + 8, pflogLength + kept, little)
      view.setUint32(used + 12, pflogLength + packet.bytes.length, little)
      used += recordHeaderLength
      writePflogHeader(view, used, header, pf, packet.family, little)
      used += pflogLength
      buffer.set(kept === packet.bytes.length ? packet.bytes : packet.bytes.subarray(0, kept), used)
      used += kept
    },
    /** Hands on what the last, unfilled chunk holds. */
    end: flush
  }
}
