import { DecodeProblem } from "../Decoder.ts"
import type { EpochMicros } from "../PfLogEntry.ts"

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

/** The length of a pcap file's header, in bytes. */
export const fileHeaderLength = 24
/** The length of the header in front of each record, in bytes. */
export const recordHeaderLength = 16
/** libpcap's MAXIMUM_SNAPLEN: no capture of a packet is longer. */
export const longestPacket = 262_144
/** The longest that a packet can be in a kernel, which counts its bytes in an int. Only jumbograms are beyond the above. */
const longestOnWire = 0x7fff_ffff
const linkTypePflog = 117
const smallestStorage = 128 * 1024

/** What the header of a pcap file tells of its records. */
export interface FileHeader {
  readonly littleEndian: boolean
  readonly ticksPerSecond: number
  readonly ticksPerMicrosecond: number
  readonly longestCapture: number
}

const problem = (reason: DecodeProblem["reason"], offset: number, message: string) =>
  new DecodeProblem({ reason, offset, message })

/** Whether bytes begin as a capture does, of classic pcap or pcapng; nothing while there are too few of them to know. */
export const beginsAsCapture = (bytes: Uint8Array): boolean | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.byteLength >= 4) return magicOf(view, 0) !== undefined || view.getUint32(0) === pcapngMagic
  return view.byteLength === 0 || magicStarts.includes(view.getUint8(0)) ? undefined : false
}

const pcapngMagic = 0x0a0d0d0a
/** The first bytes of all these magic numbers. */
const magicStarts: ReadonlyArray<number> = [0xa1, 0xd4, 0x4d, 0x0a]

const magicOf = (view: DataView, at: number): Pick<FileHeader, "littleEndian" | "ticksPerSecond"> | undefined => {
  switch (view.getUint32(at)) {
    case 0xa1b2c3d4:
      return { littleEndian: false, ticksPerSecond: 1_000_000 }
    case 0xd4c3b2a1:
      return { littleEndian: true, ticksPerSecond: 1_000_000 }
    case 0xa1b23c4d:
      return { littleEndian: false, ticksPerSecond: 1_000_000_000 }
    case 0x4d3cb2a1:
      return { littleEndian: true, ticksPerSecond: 1_000_000_000 }
    default:
      return undefined
  }
}

/** Those that a capture by mistake most often has (pcap-linktype(7)). */
const linkTypeNames: Readonly<Record<number, string>> = {
  0: "BSD loopback",
  1: "Ethernet",
  101: "raw IP",
  105: "IEEE 802.11",
  108: "OpenBSD loopback",
  113: "Linux cooked",
  121: "pfsync",
  276: "Linux cooked v2"
}

const describeLinkType = (linkType: number): string => {
  const name = linkTypeNames[linkType]
  return name === undefined ? `${linkType},` : `${linkType}, ${name},`
}

/** Reads the header of a classic pcap file (pcap-savefile(5)). */
export const readFileHeader = (view: DataView, at: number): FileHeader | DecodeProblem => {
  const magic = magicOf(view, at)
  if (magic === undefined) {
    return view.getUint32(at) === pcapngMagic
      ? problem(
          "pcapng",
          0,
          "the capture is in pcapng format, which isn't read: convert it with tcpdump -r FILE -w NEW"
        )
      : problem("not-pcap", 0, "the capture doesn't begin as a pcap file")
  }
  const { littleEndian, ticksPerSecond } = magic
  const major = view.getUint16(at + 4, littleEndian)
  const minor = view.getUint16(at + 6, littleEndian)
  if (major !== 2 || minor !== 4) {
    return problem("not-pcap", 4, `the capture is of pcap version ${major}.${minor}, only 2.4 is read`)
  }
  // The upper bits tell of a frame check sequence, which pflog has not.
  const linkType = view.getUint32(at + 20, littleEndian) & 0x03ff_ffff
  if (linkType !== linkTypePflog) {
    return problem(
      "link-type",
      20,
      `the capture's link type is ${describeLinkType(linkType)} not ${linkTypePflog} (pflog): was it taken on a pflog interface?`
    )
  }
  const snapshotLength = view.getUint32(at + 16, littleEndian)
  return {
    littleEndian,
    ticksPerSecond,
    ticksPerMicrosecond: ticksPerSecond / 1_000_000,
    longestCapture: snapshotLength === 0 ? longestPacket : Math.min(snapshotLength, longestPacket)
  }
}

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
          `the capture is damaged at offset ${this.#offset}: the record's header there can't be true (${found})`
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
