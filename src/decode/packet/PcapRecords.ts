import { DecodeProblem } from "../Decoder.ts"
import type { EpochMicros } from "../PfLogEntry.ts"
import { type FileHeader, fileHeaderLength, problem, readFileHeader, recordHeaderLength } from "./PcapFile.ts"

/** Bytes of a capture that never change once they are here, so that what points into them stays right. */
export interface CaptureBytes {
  readonly bytes: Buffer
  readonly view: DataView
  /** The byte order of the machine that captured: that of what pf's header holds in host order. */
  readonly littleEndian: boolean
}

/**
 * Takes one record of a capture.
 *
 * @param start where its bytes begin in `capture`
 * @param end where its captured bytes end
 * @param wireLength how long the packet was before it was cut to the snapshot length
 */
export type TakeRecord = (
  capture: CaptureBytes,
  start: number,
  end: number,
  wireLength: number,
  time: EpochMicros
) => void

/** The longest that a packet can be in a kernel, which counts its bytes in an int: jumbograms exceed {@link longestPacket}. */
const longestOnWire = 0x7fff_ffff
const smallestStorage = 128 * 1024

/** Splits the bytes of a classic pcap file into its records, however the bytes are cut into chunks. */
export class PcapRecords {
  #header: FileHeader | undefined
  #capture: CaptureBytes = { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)), littleEndian: true }
  /** Where the unread bytes begin and end in the storage. */
  #start = 0
  #end = 0
  /** How far `#start` is from the start of the capture, in bytes. */
  #offset = 0
  #problem: DecodeProblem | undefined

  /** Takes the next bytes and hands on each record that they complete; the problem that ends the capture, if they hold it. */
  push(bytes: Uint8Array, take: TakeRecord): DecodeProblem | undefined {
    if (this.#problem !== undefined) return this.#problem
    this.#append(bytes)
    this.#problem = this.#readHeader() ?? this.#readRecords(take)
    return this.#problem
  }

  /** Tells of a capture that ends within a header or a record. */
  end(): DecodeProblem | undefined {
    if (this.#problem !== undefined || this.#end === this.#start) return undefined
    const unread = this.#end - this.#start
    const part = this.#header === undefined ? "its file header" : "a record"
    return problem(
      "truncated",
      this.#offset,
      `the capture ends within ${part}: ${unread} bytes at offset ${this.#offset} are left over`
    )
  }

  /** Bytes are only ever added behind others or to new storage: an entry that points to earlier ones keeps them as they are. */
  #append(bytes: Uint8Array): void {
    const unread = this.#end - this.#start
    if (this.#end + bytes.length > this.#capture.bytes.length) {
      const storage = Buffer.from(new ArrayBuffer(Math.max(smallestStorage, 2 * (unread + bytes.length))))
      this.#capture.bytes.copy(storage, 0, this.#start, this.#end)
      this.#capture = this.#captureOf(storage)
      this.#start = 0
      this.#end = unread
    }
    this.#capture.bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  #captureOf(storage: Buffer): CaptureBytes {
    return {
      bytes: storage,
      view: new DataView(storage.buffer, storage.byteOffset, storage.length),
      littleEndian: this.#header?.littleEndian ?? true
    }
  }

  #readHeader(): DecodeProblem | undefined {
    if (this.#header !== undefined || this.#end - this.#start < fileHeaderLength) return undefined
    const header = readFileHeader(this.#capture.view, this.#start)
    if (header instanceof DecodeProblem) return header
    this.#header = header
    this.#capture = this.#captureOf(this.#capture.bytes)
    this.#skip(fileHeaderLength)
    return undefined
  }

  #readRecords(take: TakeRecord): DecodeProblem | undefined {
    const header = this.#header
    if (header === undefined) return undefined
    const { littleEndian, ticksPerSecond, ticksPerMicrosecond, longestCapture } = header
    const capture = this.#capture
    const view = capture.view
    while (this.#end - this.#start >= recordHeaderLength) {
      const at = this.#start
      const seconds = view.getUint32(at, littleEndian)
      const ticks = view.getUint32(at + 4, littleEndian)
      const captured = view.getUint32(at + 8, littleEndian)
      const wireLength = view.getUint32(at + 12, littleEndian)
      // An empty record is what zeros would be read as: pf logs no packet without its header.
      const canBeTrue =
        captured > 0 &&
        captured <= longestCapture &&
        wireLength >= captured &&
        wireLength <= longestOnWire &&
        ticks < ticksPerSecond
      if (!canBeTrue) {
        const found = `${captured} bytes captured of ${wireLength} at most ${longestCapture}, fraction of a second ${ticks}`
        return problem(
          "damaged",
          this.#offset,
          `the capture is damaged at offset ${this.#offset}: the record's header there cannot be true (${found})`
        )
      }
      const length = recordHeaderLength + captured
      if (this.#end - at < length) return undefined
      this.#skip(length)
      const micros = ticksPerMicrosecond === 1 ? ticks : Math.floor(ticks / ticksPerMicrosecond)
      take(capture, at + recordHeaderLength, at + length, wireLength, seconds * 1_000_000 + micros)
    }
    return undefined
  }

  #skip(length: number): void {
    this.#start += length
    this.#offset += length
  }
}
