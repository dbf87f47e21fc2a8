import { internetChecksum } from "./Checksum.ts"

/** What an IP packet carries: a transport header with its payload, and what a reader may say about it. */
export interface Segment {
  readonly protocolNumber: number
  /** IANA's keyword in lower case; none for a number without one. */
  readonly protocol: string | undefined
  readonly bytes: Uint8Array
  /** Where the checksum that covers the pseudo header stands; none where there is no such checksum. */
  readonly checksumAt: number | undefined
  readonly ports: readonly [number, number] | undefined
  /** In tcpdump's letters. */
  readonly tcpFlags: string | undefined
  /** The length that tcpdump prints: of the payload of TCP and UDP, of the whole message of ICMP. */
  readonly payloadLength: number | undefined
  /** Addresses that stand in the payload only and must never be taken for the packet's own. */
  readonly innerAddresses: ReadonlyArray<string>
}

/** A payload and the addresses in it. */
export interface Payload {
  readonly bytes: Uint8Array
  readonly innerAddresses: ReadonlyArray<string>
}

/** No payload. */
export const emptyPayload: Payload = { bytes: new Uint8Array(0), innerAddresses: [] }

/** A payload of one text, one byte a character (latin1), that names no address. */
export const textPayload = (text: string): Payload => ({ bytes: Buffer.from(text, "latin1"), innerAddresses: [] })

const flagBits: ReadonlyArray<readonly [string, number]> = [
  ["F", 0x01],
  ["S", 0x02],
  ["R", 0x04],
  ["P", 0x08],
  [".", 0x10],
  ["U", 0x20],
  ["E", 0x40],
  ["W", 0x80]
]

/** The TCP flags of a byte in tcpdump's letters and order; `none` where no bit is set. */
export const tcpFlagLetters = (bits: number): string =>
  flagBits.map(([letter, bit]) => ((bits & bit) === 0 ? "" : letter)).join("") || "none"

const tcpFlagByte = (letters: string): number =>
  flagBits.reduce((bits, [letter, bit]) => (letters.includes(letter) ? bits | bit : bits), 0)

/** A TCP segment (RFC 9293). The options are padded to four bytes. */
export const tcp = (segment: {
  readonly ports: readonly [number, number]
  /** tcpdump's letters, or `none`. */
  readonly flags: string
  readonly sequence?: number
  readonly acknowledgment?: number
  readonly window?: number
  readonly options?: Uint8Array
  readonly payload?: Payload
}): Segment => {
  const options = segment.options ?? emptyPayload.bytes
  const payload = segment.payload ?? emptyPayload
  const headerLength = 20 + ((options.length + 3) & ~3)
  const bytes = new Uint8Array(headerLength + payload.bytes.length)
  const view = new DataView(bytes.buffer)
  const flagBits = segment.flags === "none" ? 0 : tcpFlagByte(segment.flags)
  view.setUint16(0, segment.ports[0])
  view.setUint16(2, segment.ports[1])
  view.setUint32(4, segment.sequence ?? 0)
  view.setUint32(8, segment.acknowledgment ?? 0)
  view.setUint8(12, (headerLength / 4) << 4)
  view.setUint8(13, flagBits)
  view.setUint16(14, segment.window ?? 65535)
  bytes.set(options, 20)
  bytes.set(payload.bytes, headerLength)
  return {
    protocolNumber: 6,
    protocol: "tcp",
    bytes,
    checksumAt: 16,
    ports: segment.ports,
    tcpFlags: tcpFlagLetters(flagBits),
    payloadLength: payload.bytes.length,
    innerAddresses: payload.innerAddresses
  }
}

/** The options that a scanner's SYN commonly carries: MSS 1460, SACK permitted, time stamps, NOP, window scale 7. */
export const synOptions: Uint8Array = Uint8Array.of(
  ...[2, 4, 5, 180],
  ...[4, 2],
  ...[8, 10, 0, 0, 16, 0, 0, 0, 0, 0],
  1,
  ...[3, 3, 7]
)

/** A UDP datagram (RFC 768). */
export const udp = (ports: readonly [number, number], payload: Payload = emptyPayload): Segment => {
  const bytes = new Uint8Array(8 + payload.bytes.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, ports[0])
  view.setUint16(2, ports[1])
  view.setUint16(4, bytes.length)
  bytes.set(payload.bytes, 8)
  return {
    protocolNumber: 17,
    protocol: "udp",
    bytes,
    checksumAt: 6,
    ports,
    tcpFlags: undefined,
    payloadLength: payload.bytes.length,
    innerAddresses: payload.innerAddresses
  }
}

const icmpBytes = (type: number, code: number, rest: number, payload: Payload): Uint8Array => {
  const bytes = new Uint8Array(8 + payload.bytes.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, type)
  view.setUint8(1, code)
  view.setUint32(4, rest)
  bytes.set(payload.bytes, 8)
  return bytes
}

/** An ICMP message (RFC 792); `rest` is its second word, such as identifier and sequence number of an echo. */
export const icmp = (type: number, code: number, rest: number, payload: Payload = emptyPayload): Segment => {
  const bytes = icmpBytes(type, code, rest, payload)
  new DataView(bytes.buffer).setUint16(2, internetChecksum(bytes))
  return {
    protocolNumber: 1,
    protocol: "icmp",
    bytes,
    checksumAt: undefined,
    ports: undefined,
    tcpFlags: undefined,
    payloadLength: bytes.length,
    innerAddresses: payload.innerAddresses
  }
}

/** An ICMPv6 message (RFC 4443); its checksum covers the pseudo header. */
export const icmp6 = (type: number, code: number, rest: number, payload: Payload = emptyPayload): Segment => {
  const bytes = icmpBytes(type, code, rest, payload)
  return {
    protocolNumber: 58,
    protocol: "ipv6-icmp",
    bytes,
    checksumAt: 2,
    ports: undefined,
    tcpFlags: undefined,
    payloadLength: bytes.length,
    innerAddresses: payload.innerAddresses
  }
}

/** An SCTP packet (RFC 9260) with one INIT chunk and, in a DATA chunk, the payload. */
export const sctp = (ports: readonly [number, number], payload: Payload = emptyPayload): Segment => {
  const dataLength = 16 + payload.bytes.length
  const bytes = new Uint8Array(12 + 20 + ((dataLength + 3) & ~3))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, ports[0])
  view.setUint16(2, ports[1])
  view.setUint32(12, 0x0100_0014)
  view.setUint32(16, 0x1234_5678)
  view.setUint32(20, 65_536)
  view.setUint32(24, 0x000a_000a)
  view.setUint32(32, 0x0003_0000 + dataLength)
  bytes.set(payload.bytes, 48)
  return {
    protocolNumber: 132,
    protocol: "sctp",
    bytes,
    checksumAt: undefined,
    ports,
    tcpFlags: undefined,
    payloadLength: undefined,
    innerAddresses: payload.innerAddresses
  }
}

/** Any other protocol: its number, IANA's keyword, and what follows the IP header. */
export const rawSegment = (protocolNumber: number, protocol: string | undefined, payload: Payload): Segment => ({
  protocolNumber,
  protocol,
  bytes: payload.bytes,
  checksumAt: undefined,
  ports: undefined,
  tcpFlags: undefined,
  payloadLength: undefined,
  innerAddresses: payload.innerAddresses
})

/** A GRE packet (RFC 2784) around another packet; `etherType` tells what that is, 0x0800 for IPv4. */
export const gre = (etherType: number, payload: Payload): Segment =>
  rawSegment(47, "gre", {
    bytes: Uint8Array.of(0, 0, etherType >>> 8, etherType & 255, ...payload.bytes),
    innerAddresses: payload.innerAddresses
  })

/** An ESP packet (RFC 4303): an SPI, a sequence number and bytes that cannot be read. */
export const esp = (spi: number, sequence: number, payload: Payload): Segment => {
  const bytes = new Uint8Array(8 + payload.bytes.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, spi)
  view.setUint32(4, sequence)
  bytes.set(payload.bytes, 8)
  return rawSegment(50, "esp", { bytes, innerAddresses: payload.innerAddresses })
}

/** An IGMPv2 report (RFC 2236) for a group, given as its four bytes. */
export const igmpReport = (group: Uint8Array): Segment => {
  const bytes = Uint8Array.of(0x16, 0, 0, 0, ...group)
  new DataView(bytes.buffer).setUint16(2, internetChecksum(bytes))
  return rawSegment(2, "igmp", { bytes, innerAddresses: [] })
}

/** An OSPFv2 hello (RFC 2328) of the router with that identifier. */
export const ospfHello = (router: Uint8Array): Segment => {
  const bytes = new Uint8Array(44)
  bytes.set([2, 1, 0, 44, ...router])
  bytes.set([255, 255, 255, 0, 0, 10, 2, 1, 0, 0, 0, 40], 24)
  new DataView(bytes.buffer).setUint16(12, internetChecksum(bytes))
  return rawSegment(89, "ospf", { bytes, innerAddresses: [] })
}
