import type { Family } from "../PfLogEntry.ts"
import { ipv4Text, ipv6Text } from "./Address.ts"
import { Ipv6Chain } from "./Ipv6Chain.ts"
import type { PflogHeader } from "./PflogHeader.ts"
import { carriesPorts } from "./Protocols.ts"

/** AF_INET everywhere. */
const afInet = 2
/** AF_INET6 of NetBSD and OpenBSD, FreeBSD and DragonFly, macOS: any may have written the capture. */
const afInet6: ReadonlySet<number> = new Set([24, 28, 30])

const ipv4HeaderLength = 20
const ipv6HeaderLength = 40

/**
 * The outermost IP packet of a record: where its parts stand. `end` bounds all that is read: neither what was captured nor
 * what the IP header claims goes beyond it.
 */
export interface IpPacket {
  /** Where the IP header begins. */
  readonly start: number
  /** Where the packet ends: that of the captured bytes, or of those that the IP header claims. */
  readonly end: number
  /** Unknown where the header cannot be read. */
  readonly family: Family | undefined
  /** What tcpdump says before the addresses: that bytes are missing, or all that it says of a header that cannot be read. */
  readonly note: string
  /** The texts of the IPv6 extension headers, each with a blank behind it. */
  readonly chain: string
  /** The protocol that the IP header names, an IPv6 extension header included. */
  readonly headerProtocol: number
  /** The protocol behind the extension headers. */
  readonly protocol: number
  /** Whether there is a transport header to read: none in a later fragment, nor where the headers before it are cut off. */
  readonly hasTransport: boolean
  /** Where the transport header begins. */
  readonly transport: number
  /** How long the transport header and its data are, as the IP header claims. */
  readonly transportLength: number
  readonly fragment: boolean
  readonly laterFragment: boolean
}

/** A packet of which nothing is known but tcpdump's remark on it. */
export const unreadablePacket = (start: number, end: number, note: string): IpPacket => ({
  start,
  end,
  family: undefined,
  note,
  chain: "",
  headerProtocol: -1,
  protocol: -1,
  hasTransport: false,
  transport: end,
  transportLength: 0,
  fragment: false,
  laterFragment: false
})

/**
 * The family of a packet: what pf's header says; where that names another one after translation, the one of the two
 * that the packet's own first byte gives.
 */
export const packetFamily = (pflog: PflogHeader, view: DataView, start: number, end: number): number => {
  const { addressFamily, translatedFamily } = pflog
  if (translatedFamily === undefined || start >= end) return addressFamily
  return view.getUint8(start) >>> 4 === versionOf(addressFamily) ? addressFamily : translatedFamily
}

const versionOf = (addressFamily: number): number =>
  addressFamily === afInet ? 4 : afInet6.has(addressFamily) ? 6 : -1

/**
 * Whether a packet fills exactly the room that its record has for it: where it does not, pf's header, whose length is
 * unknown, may have ended elsewhere.
 */
export const isWholly = (view: DataView, packet: IpPacket, length: number): boolean => {
  if (packet.family === undefined) return false
  const claimed =
    packet.family === "ipv4"
      ? view.getUint16(packet.start + 2)
      : packet.transport - packet.start + packet.transportLength
  return claimed === length
}

/**
 * Reads the IP header of a packet, and the extension headers of IPv6.
 *
 * @param end where the captured bytes end
 * @param length how long the packet was before it was cut to the snapshot length
 */
export const readIpPacket = (
  view: DataView,
  addressFamily: number,
  start: number,
  end: number,
  length: number
): IpPacket => {
  if (addressFamily === afInet) return readIpv4(view, start, end, length)
  if (afInet6.has(addressFamily)) return readIpv6(view, start, end, length)
  return unreadablePacket(start, end, `unknown address family ${addressFamily}, length ${length}`)
}

const readIpv4 = (view: DataView, start: number, end: number, length: number): IpPacket => {
  if (start === end) return unreadablePacket(start, end, " [|ip]")
  const version = view.getUint8(start) >>> 4
  if (version === 6) return unreadablePacket(start, end, "IP6, wrong link-layer encapsulation (invalid)")
  if (version !== 4) return unreadablePacket(start, end, `IP${version} (invalid)`)
  if (end - start < ipv4HeaderLength) return unreadablePacket(start, end, " [|ip]")
  const headerLength = (view.getUint8(start) & 15) * 4
  if (headerLength < ipv4HeaderLength) return unreadablePacket(start, end, `bad-hlen ${headerLength}`)
  const totalLength = view.getUint16(start + 2)
  const note = length < totalLength ? `truncated-ip - ${totalLength - length} bytes missing! ` : ""
  if (totalLength < headerLength) return unreadablePacket(start, end, `${note}bad-len ${totalLength}`)

  const packetEnd = Math.min(end, start + totalLength)
  const protocol = view.getUint8(start + 9)
  const flagsAndOffset = view.getUint16(start + 6)
  const laterFragment = (flagsAndOffset & 0x1fff) !== 0
  const optionsAreHere = start + headerLength <= packetEnd
  return {
    start,
    end: packetEnd,
    family: "ipv4",
    note,
    chain:
      laterFragment || optionsAreHere
        ? ""
        : ` [remaining caplen(${packetEnd - start}) < header length(${headerLength})] [|ip]`,
    headerProtocol: protocol,
    protocol,
    hasTransport: !laterFragment && optionsAreHere,
    transport: start + headerLength,
    transportLength: totalLength - headerLength,
    fragment: (flagsAndOffset & 0x3fff) !== 0,
    laterFragment
  }
}

const readIpv6 = (view: DataView, start: number, end: number, length: number): IpPacket => {
  if (end - start < ipv6HeaderLength) return unreadablePacket(start, end, " [|ip6]")
  const version = view.getUint8(start) >>> 4
  if (version !== 6) return unreadablePacket(start, end, `version error: ${version} != 6`)
  const claimed = view.getUint16(start + 4)
  const headerProtocol = view.getUint8(start + 6)
  const chain = new Ipv6Chain(view, start, end, claimed, headerProtocol, length)
  const missing = claimed + ipv6HeaderLength - length
  return {
    start,
    end: chain.end,
    family: "ipv6",
    note: claimed > 0 && missing > 0 ? `truncated-ip6 - ${missing} bytes missing!` : "",
    chain: chain.text,
    headerProtocol,
    protocol: chain.protocol,
    hasTransport: chain.hasTransport,
    transport: chain.transport,
    transportLength: start + ipv6HeaderLength + chain.payloadLength - chain.transport,
    fragment: chain.fragment,
    laterFragment: chain.laterFragment
  }
}

/** The source address of a packet that has one. */
export const sourceText = (view: DataView, packet: IpPacket): string =>
  packet.family === "ipv6" ? ipv6Text(view, packet.start + 8) : ipv4Text(view, packet.start + 12)

/** The destination address of a packet that has one. */
export const destinationText = (view: DataView, packet: IpPacket): string =>
  packet.family === "ipv6" ? ipv6Text(view, packet.start + 24) : ipv4Text(view, packet.start + 16)

/** Whether the ports of the packet are there to be read. */
export const hasPorts = (packet: IpPacket): boolean =>
  packet.hasTransport && carriesPorts(packet.protocol) && packet.transport + 4 <= packet.end
