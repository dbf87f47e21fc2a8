import { icmp6Text, icmpText } from "./IcmpText.ts"
import type { IpPacket } from "./IpPacket.ts"
import { isMobility, otherText } from "./OtherText.ts"
import { Protocol } from "./Protocols.ts"
import { tcpPayloadLength, tcpText } from "./TcpText.ts"

const udpHeaderLength = 8

/** The text behind the addresses: tcpdump's own, but nothing of the packet's data. */
export const transportText = (view: DataView, packet: IpPacket): string => {
  switch (packet.protocol) {
    case Protocol.tcp:
      return tcpText(view, packet)
    case Protocol.udp:
      return udpText(view, packet)
    case Protocol.icmp:
      return packet.family === "ipv4" ? icmpText(view, packet) : "[ICMP requires IPv4] (invalid)"
    case Protocol.icmp6:
      return packet.family === "ipv6" ? icmp6Text(view, packet) : "[ICMPv6 requires IPv6] (invalid)"
    case Protocol.esp:
      return espText(view, packet)
    case Protocol.ah:
      return ahText(view, packet)
    case Protocol.sctp:
      return "sctp"
    case Protocol.dccp:
      return "DCCP"
    case Protocol.noNext:
      return "no next header"
    default:
      return otherText(view, packet)
  }
}

/** How long the data of the packet is, where the line says so. */
export const payloadLengthOf = (view: DataView, packet: IpPacket): number | undefined => {
  if (!packet.hasTransport) return undefined
  switch (packet.protocol) {
    case Protocol.tcp:
      return tcpPayloadLength(view, packet)
    case Protocol.udp:
      return udpPayloadLength(view, packet)
    case Protocol.icmp:
    case Protocol.icmp6:
      return packet.transport + 8 <= packet.end ? packet.transportLength : undefined
    case Protocol.sctp:
    case Protocol.dccp:
    case Protocol.noNext:
      return undefined
    default:
      return isMobility(packet) || packet.transport >= packet.end ? undefined : packet.transportLength
  }
}

const udpText = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  const length = packet.transportLength
  if (length < udpHeaderLength) return `truncated-udp ${length}`
  if (at + 6 > packet.end) return " [|udp]"
  const claimed = view.getUint16(at + 4)
  if (claimed < udpHeaderLength) return `truncated-udplength ${claimed}`
  if (at + udpHeaderLength > packet.end) return " [|udp]"
  return claimed > length && !packet.fragment
    ? `UDP, bad length ${claimed - udpHeaderLength} > ${length - udpHeaderLength}`
    : `UDP, length ${claimed - udpHeaderLength}`
}

const udpPayloadLength = (view: DataView, packet: IpPacket): number | undefined => {
  if (packet.transportLength < udpHeaderLength || packet.transport + udpHeaderLength > packet.end) return undefined
  const claimed = view.getUint16(packet.transport + 4)
  return claimed < udpHeaderLength ? undefined : claimed - udpHeaderLength
}

const espText = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  if (at + 8 > packet.end) return " [|esp]"
  const index = view.getUint32(at).toString(16).padStart(8, "0")
  return `ESP(spi=0x${index},seq=0x${view.getUint32(at + 4).toString(16)}), length ${packet.transportLength}`
}

/** The packet behind the authentication header is left out: pf does not look into it either. */
const ahText = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  if (at + 12 > packet.end) return " [|ah]"
  const index = view
    .getUint32(at + 4)
    .toString(16)
    .padStart(8, "0")
  return `AH(spi=0x${index},seq=0x${view.getUint32(at + 8).toString(16)}), length ${packet.transportLength}`
}
