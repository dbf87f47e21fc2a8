import type { Endpoint, Family } from "../../../src/decode/PfLogEntry.ts"
import { addressBytes } from "./Address.ts"
import { internetChecksum, pseudoHeaderSum } from "./Checksum.ts"
import type { Payload, Segment } from "./Segment.ts"

/** An IP packet, and what a reader of its headers may say about it. */
export interface IpPacket {
  readonly bytes: Uint8Array
  /** Where the transport header begins. */
  readonly transportAt: number
  readonly family: Family
  readonly protocol: string | undefined
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly tcpFlags: string | undefined
  /** Where in the whole datagram this fragment begins; none where the packet is not a fragment. */
  readonly fragmentOffset: number | undefined
  readonly payloadLength: number | undefined
  readonly innerAddresses: ReadonlyArray<string>
  /** Whether some length in its headers is a lie: its addresses and ports are sure, flags and lengths are not. */
  readonly lies?: boolean
}

/** The part of a segment that a fragment carries, in bytes; the offset is a multiple of 8. */
export interface FragmentRange {
  readonly offset: number
  readonly length: number
}

/** What both families' headers need. */
interface IpCommon {
  readonly source: string
  readonly destination: string
  readonly segment: Segment
  readonly hopLimit?: number
  readonly identification?: number
  readonly fragment?: FragmentRange
}

/** An IPv4 packet (RFC 791). The options are padded to four bytes. */
export const ipv4 = (
  packet: IpCommon & {
    readonly options?: Uint8Array
    readonly dontFragment?: boolean
    readonly typeOfService?: number
  }
): IpPacket => {
  const options = packet.options ?? new Uint8Array(0)
  const headerLength = 20 + ((options.length + 3) & ~3)
  const source = addressBytes(packet.source)
  const destination = addressBytes(packet.destination)
  const segment = checksummed(packet.segment, source, destination)
  const carried = fragmentOf(segment, packet.fragment)
  const more = packet.fragment !== undefined && packet.fragment.offset + packet.fragment.length < segment.length

  const bytes = new Uint8Array(headerLength + carried.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x40 | (headerLength / 4))
  view.setUint8(1, packet.typeOfService ?? 0)
  view.setUint16(2, bytes.length)
  view.setUint16(4, packet.identification ?? 0)
  view.setUint16(
    6,
    (packet.dontFragment === true ? 0x4000 : 0) | (more ? 0x2000 : 0) | ((packet.fragment?.offset ?? 0) >>> 3)
  )
  view.setUint8(8, packet.hopLimit ?? 64)
  view.setUint8(9, packet.segment.protocolNumber)
  bytes.set(source, 12)
  bytes.set(destination, 16)
  bytes.set(options, 20)
  view.setUint16(10, internetChecksum(bytes.subarray(0, headerLength)))
  bytes.set(carried, headerLength)
  return { bytes, transportAt: headerLength, ...factsOf(packet, "ipv4") }
}

/** An extension header of IPv6 (RFC 8200), the fragment header excepted. */
export interface Extension {
  /** 0 hop-by-hop options, 43 routing, 60 destination options. */
  readonly number: number
  /** What follows its two first bytes; 6 bytes, or 8 more, … */
  readonly body: Uint8Array
}

/** Hop-by-hop options with a router alert, as multicast listener reports carry them (RFC 2711). */
export const hopByHop: Extension = { number: 0, body: Uint8Array.of(5, 2, 0, 0, 1, 0) }

/** Destination options that hold nothing but padding. */
export const destinationOptions: Extension = { number: 60, body: Uint8Array.of(1, 4, 0, 0, 0, 0) }

/** An IPv6 packet (RFC 8200), with extension headers and, last of them, the fragment header. */
export const ipv6 = (packet: IpCommon & { readonly extensions?: ReadonlyArray<Extension> }): IpPacket => {
  const source = addressBytes(packet.source)
  const destination = addressBytes(packet.destination)
  const segment = checksummed(packet.segment, source, destination)
  const carried = fragmentOf(segment, packet.fragment)
  const extensions = [...(packet.extensions ?? []), ...fragmentHeader(packet, segment.length)]
  const extensionsLength = extensions.reduce((length, extension) => length + 2 + extension.body.length, 0)

  const bytes = new Uint8Array(40 + extensionsLength + carried.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x60)
  view.setUint16(4, extensionsLength + carried.length)
  view.setUint8(6, extensions[0]?.number ?? packet.segment.protocolNumber)
  view.setUint8(7, packet.hopLimit ?? 64)
  bytes.set(source, 8)
  bytes.set(destination, 24)
  let at = 40
  extensions.forEach((extension, index) => {
    const next = extensions[index + 1]?.number ?? packet.segment.protocolNumber
    // The fragment header has no length: that byte is reserved and zero, as 8 bytes of any other header would have it.
    bytes.set([next, (extension.body.length + 2) / 8 - 1], at)
    bytes.set(extension.body, at + 2)
    at += 2 + extension.body.length
  })
  bytes.set(carried, at)
  return { bytes, transportAt: at, ...factsOf(packet, "ipv6") }
}

/** An IP packet of the family that its addresses are of. */
export const ip = (packet: IpCommon): IpPacket => (packet.source.includes(":") ? ipv6(packet) : ipv4(packet))

/** The packet as payload of another (a tunnel, an ICMP error), cut after so many bytes. */
export const asPayload = (packet: IpPacket, length = packet.bytes.length): Payload => ({
  bytes: packet.bytes.subarray(0, length),
  innerAddresses: [packet.source.address, packet.destination.address, ...packet.innerAddresses]
})

const checksummed = (segment: Segment, source: Uint8Array, destination: Uint8Array): Uint8Array => {
  if (segment.checksumAt === undefined) return segment.bytes
  const view = new DataView(segment.bytes.buffer, segment.bytes.byteOffset, segment.bytes.byteLength)
  view.setUint16(segment.checksumAt, 0)
  const begun = pseudoHeaderSum(source, destination, segment.protocolNumber, segment.bytes.length)
  const checksum = internetChecksum(segment.bytes, begun)
  // UDP writes a sum of zero as all ones: zero means "no checksum" there.
  view.setUint16(segment.checksumAt, checksum === 0 && segment.protocolNumber === 17 ? 0xffff : checksum)
  return segment.bytes
}

const fragmentOf = (bytes: Uint8Array, range: FragmentRange | undefined): Uint8Array =>
  range === undefined ? bytes : bytes.subarray(range.offset, range.offset + range.length)

const fragmentHeader = (packet: IpCommon, wholeLength: number): ReadonlyArray<Extension> => {
  if (packet.fragment === undefined) return []
  const body = new Uint8Array(6)
  const view = new DataView(body.buffer)
  const more = packet.fragment.offset + packet.fragment.length < wholeLength
  view.setUint16(0, packet.fragment.offset | (more ? 1 : 0))
  view.setUint32(2, packet.identification ?? 0)
  return [{ number: 44, body }]
}

const factsOf = (packet: IpCommon, family: Family) => {
  const later = packet.fragment !== undefined && packet.fragment.offset > 0
  const { ports, protocol, tcpFlags, payloadLength, innerAddresses } = packet.segment
  return {
    family,
    protocol,
    source: { address: packet.source, port: later ? undefined : ports?.[0] },
    destination: { address: packet.destination, port: later ? undefined : ports?.[1] },
    tcpFlags: later ? undefined : tcpFlags,
    fragmentOffset: packet.fragment?.offset,
    payloadLength: packet.fragment === undefined ? payloadLength : undefined,
    innerAddresses
  }
}
