import type { Family } from "../PfLogEntry.ts"
import { ipv4Text, ipv6Text } from "./Address.ts"
import { Ipv6Chain } from "./Ipv6Chain.ts"
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
  /** Unknown where the header can't be read. */
  readonly family: Family | undefined
  /** What tcpdump says before the addresses: that bytes are missing, or all that it says of a header that can't be read. */
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

const unreadable = (start: number, end: number, note: string): IpPacket => ({
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
  return unreadable(start, end, `unknown address family ${addressFamily}, length ${length}`)
}

const readIpv4 = (view: DataView, start: number, end: number, length: number): IpPacket => {
  if (start === end) return unreadable(start, end, " [|ip]")
  const version = view.getUint8(start) >>> 4
  if (version === 6) return unreadable(start, end, "IP6, wrong link-layer encapsulation (invalid)")
  if (version !== 4) return unreadable(start, end, `IP${version} (invalid)`)
  if (end - start < ipv4HeaderLength) return unreadable(start, end, " [|ip]")
  const headerLength = (view.getUint8(start) & 15) * 4
  if (headerLength < ipv4HeaderLength) return unreadable(start, end, `bad-hlen ${headerLength}`)
  const totalLength = view.getUint16(start + 2)
  const note = length < totalLength ? `truncated-ip - ${totalLength - length} bytes missing! ` : ""
  if (totalLength < headerLength) return unreadable(start, end, `${note}bad-len ${totalLength}`)

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
  if (end - start < ipv6HeaderLength) return unreadable(start, end, " [|ip6]")
  const version = view.getUint8(start) >>> 4
  if (version !== 6) return unreadable(start, end, `version error: ${version} != 6`)
  const payloadLength = view.getUint16(start + 4)
  const missing = payloadLength + ipv6HeaderLength - length
  const packetEnd = Math.min(end, start + ipv6HeaderLength + payloadLength)
  const headerProtocol = view.getUint8(start + 6)
  const chain = new Ipv6Chain(view, start, packetEnd, payloadLength, headerProtocol)
  return {
    start,
    end: packetEnd,
    family: "ipv6",
    note: payloadLength > 0 && missing > 0 ? `truncated-ip6 - ${missing} bytes missing!` : "",
    chain: chain.text,
    headerProtocol,
    protocol: chain.protocol,
    hasTransport: chain.hasTransport,
    transport: chain.transport,
    transportLength: start + ipv6HeaderLength + payloadLength - chain.transport,
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
