import { protocolKeyword } from "../../decode/IpProtocol.ts"
import { destinationText, type IpPacket, sourceText } from "../../decode/packet/IpPacket.ts"
import type { PacketEntry } from "../../decode/packet/PacketEntry.ts"
import { isExtensionHeader, Protocol } from "../../decode/packet/Protocols.ts"
import { icmp6Fields, icmpFields } from "./Icmp.ts"
import { tcpFields } from "./Tcp.ts"

const ipv4 = 4

/** /etc/protocols of FreeBSD calls these otherwise than IANA does. */
const protocolNames: ReadonlyMap<number, string> = new Map([
  [ipv4, "ipencap"],
  [Protocol.vrrp, "carp"]
])

const protocolName = (protocol: number): string =>
  protocolNames.get(protocol) ?? protocolKeyword(protocol) ?? `unknown(${protocol})`

/** A name of pf's and tcpdump's text of an error can hold a comma, which would move all fields behind it. */
const field = (name: string): string => (name.includes(",") ? name.replaceAll(",", "\\x2c") : name)

/**
 * The line of a packet as filterlog of pfSense and OPNsense writes it, fields divided by commas.
 *
 * All begin with `rulenr,subrulenr,anchor,label,interface,reason,action,dir,`; the label is the rule's ridentifier, which
 * pfSense calls its tracker, 0 where there is none. Then
 * `4,tos,ecn,ttl,id,offset,flags,protonum,proto,length,src,dst,` or `6,class,flow,hoplimit,proto,protonum,length,src,dst,`,
 * and what the protocol has. Source: filterlog.c, print-ip.c, print-ip6.c of both projects.
 */
export const filterlogCsv = (entry: PacketEntry): string => {
  const { view } = entry.capture
  const packet = entry.packet
  return pfFields(entry) + ipFields(view, packet, entry.pflog.addressFamily) + protocolFields(view, packet)
}

const pfFields = (entry: PacketEntry): string => {
  const { pflog } = entry
  const subrule = pflog.subrule
  const anchor = subrule === undefined ? "," : `${subrule},${field(pflog.ruleset)}`
  return `${pflog.ruleNumber},${anchor},${pflog.ridentifier ?? 0},${field(pflog.interface)},${entry.reason},${entry.action},${entry.direction},`
}

const ipFields = (view: DataView, packet: IpPacket, addressFamily: number): string => {
  if (packet.family === undefined) return `${addressFamily === 2 ? 4 : 6},error='${field(packet.note.trim())}',`
  return packet.family === "ipv4" ? ipv4Fields(view, packet) : ipv6Fields(view, packet)
}

/** Explicit congestion notification: filterlog writes ECT(1) and ECT(0) as their last digit. */
const congestion = ["", "1", "0", "CE"]

const ipv4Fields = (view: DataView, packet: IpPacket): string => {
  const at = packet.start
  const tos = view.getUint8(at + 1)
  const flagsAndOffset = view.getUint16(at + 6)
  const offset = (flagsAndOffset & 0x1fff) * 8
  return (
    `4,0x${tos.toString(16)},${congestion[tos & 3]},${view.getUint8(at + 8)},${view.getUint16(at + 4)},${offset},` +
    `${fragmentFlag(flagsAndOffset & 0xe000)},${packet.protocol},${protocolName(packet.protocol)},` +
    `${view.getUint16(at + 2)},${sourceText(view, packet)},${destinationText(view, packet)},`
  )
}

/** filterlog knows one flag at a time, and says `none` of two together. */
const fragmentFlag = (flags: number): string => {
  switch (flags) {
    case 0x2000:
      return "+"
    case 0x4000:
      return "DF"
    case 0x8000:
      return "rsvd"
    default:
      return "none"
  }
}

const ipv6Fields = (view: DataView, packet: IpPacket): string => {
  const at = packet.start
  const first = view.getUint32(at)
  const trafficClass = ((first >>> 20) & 0xff).toString(16).padStart(2, "0")
  const flow = (first & 0xf_ffff).toString(16).padStart(5, "0")
  return (
    `6,0x${trafficClass},0x${flow},${view.getUint8(at + 7)},${protocolName(packet.protocol)},${packet.protocol},` +
    `${view.getUint16(at + 4)},${sourceText(view, packet)},${destinationText(view, packet)},`
  )
}

const protocolFields = (view: DataView, packet: IpPacket): string => {
  if (!packet.hasTransport || (packet.family === "ipv6" && isExtensionHeader(packet.protocol))) return ""
  const length = packet.transportLength
  switch (packet.protocol) {
    case Protocol.tcp:
      return tcpFields(view, packet)
    case Protocol.udp:
      return portFields(
        view,
        packet,
        packet.transport + 6 <= packet.end ? view.getUint16(packet.transport + 4) : length
      )
    case Protocol.sctp:
      return portFields(view, packet, Math.max(0, length - sctpHeaderLength))
    case Protocol.icmp:
      return packet.family === "ipv4" ? icmpFields(view, packet) : `datalength=${length}`
    case Protocol.icmp6:
      return packet.family === "ipv6" ? icmp6Fields(view, packet) : `datalength=${length}`
    case Protocol.vrrp:
      return carpFields(view, packet)
    default:
      return `datalength=${length}`
  }
}

const sctpHeaderLength = 12

/** `sport,dport,datalen`, the length of UDP counting its header. */
const portFields = (view: DataView, packet: IpPacket, length: number): string => {
  const at = packet.transport
  return at + 4 > packet.end ? ",," : `${view.getUint16(at)},${view.getUint16(at + 2)},${length}`
}

/** `type,ttl,vhid,version,advskew,advbase` of CARP, which has VRRP's number. */
const carpFields = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  if (at + 6 > packet.end) return `datalength=${packet.transportLength}`
  const versionAndType = view.getUint8(at)
  const type = (versionAndType & 15) === 1 ? "advertise" : "unkwn"
  const timeToLive = view.getUint8(packet.start + (packet.family === "ipv4" ? 8 : 7))
  return `${type},${timeToLive},${view.getUint8(at + 1)},${versionAndType >>> 4},${view.getUint8(at + 2)},${view.getUint8(at + 5)}`
}
