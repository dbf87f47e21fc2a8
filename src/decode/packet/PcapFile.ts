import { DecodeProblem } from "../Decoder.ts"

/** The length of a pcap file's header, in bytes. */
export const fileHeaderLength = 24

/** The length of the header in front of each record, in bytes. */
export const recordHeaderLength = 16

/** libpcap's MAXIMUM_SNAPLEN: no capture of a packet is longer. */
export const longestPacket = 262_144

/** The link type of pflog interfaces (DLT_PFLOG). */
const linkTypePflog = 117

/** What the magic number of a pcap file says of the file. */
interface MagicMeaning {
  readonly littleEndian: boolean
  readonly ticksPerSecond: number
}

/** The magic numbers of pcap-savefile(5), as the first four bytes in network byte order. */
const magics: ReadonlyMap<number, MagicMeaning> = new Map([
  [0xa1b2c3d4, { littleEndian: false, ticksPerSecond: 1_000_000 }],
  [0xd4c3b2a1, { littleEndian: true, ticksPerSecond: 1_000_000 }],
  [0xa1b23c4d, { littleEndian: false, ticksPerSecond: 1_000_000_000 }],
  [0x4d3cb2a1, { littleEndian: true, ticksPerSecond: 1_000_000_000 }]
])

/** The first block type of a pcapng file, which reads the same in either byte order. */
const pcapngMagic = 0x0a0d0d0a

const magicStarts: ReadonlySet<number> = new Set([...magics.keys(), pcapngMagic].map((magic) => magic >>> 24))

/** What the header of a pcap file says of its records. */
export interface FileHeader extends MagicMeaning {
  readonly ticksPerMicrosecond: number
  readonly longestCapture: number
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** Whether bytes begin as a capture does, of classic pcap or pcapng; `undefined` while they are too few to know. */
export const beginsAsCapture = (bytes: Uint8Array): boolean | undefined => {
  const view = viewOf(bytes)
  if (bytes.length >= 4) return magics.has(view.getUint32(0)) || view.getUint32(0) === pcapngMagic
  return bytes.length === 0 || magicStarts.has(view.getUint8(0)) ? undefined : false
}

/** The time of the first record of a classic pcap file in whole seconds; `undefined` where the bytes do not hold it. */
export const firstRecordSecond = (bytes: Uint8Array): number | undefined => {
  if (bytes.length < fileHeaderLength + 4) return undefined
  const view = viewOf(bytes)
  const meaning = magics.get(view.getUint32(0))
  return meaning && view.getUint32(fileHeaderLength, meaning.littleEndian)
}

/** The link types that a capture by mistake most often has (pcap-linktype(7)). */
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

/** A problem with the bytes at an offset from the start of the capture. */
export const problem = (reason: DecodeProblem["reason"], offset: number, message: string) =>
  new DecodeProblem({ reason, offset, message })

/** Reads the header of a classic pcap file (pcap-savefile(5)). */
export const readFileHeader = (view: DataView, at: number): FileHeader | DecodeProblem => {
  const meaning = magics.get(view.getUint32(at))
  if (meaning === undefined) {
    return view.getUint32(at) === pcapngMagic
      ? problem(
          "pcapng",
          0,
          "the capture is in pcapng format, which is not read: convert it with tcpdump -r FILE -w NEW"
        )
      : problem("not-pcap", 0, "the capture does not begin as a pcap file")
  }
  const { littleEndian, ticksPerSecond } = meaning
  const major = view.getUint16(at + 4, littleEndian)
  const minor = view.getUint16(at + 6, littleEndian)
  if (major !== 2 || minor !== 4) {
    return problem("not-pcap", 4, `the capture is of pcap version ${major}.${minor}, only 2.4 is read`)
  }
  // The upper bits are about a frame check sequence, which pflog does not have.
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
