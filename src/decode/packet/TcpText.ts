import type { IpPacket } from "./IpPacket.ts"
import { Protocol } from "./Protocols.ts"
import { tcpOptionsText } from "./TcpOptions.ts"

const shortestHeader = 20

/** The bits of the TCP header's flags byte. */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16, urgent: 32, echo: 64, reduced: 128 } as const

const letters = "FSRP.UEW"

const flagTexts: ReadonlyArray<string> = Array.from({ length: 256 }, (_, flags) =>
  flags === 0 ? "none" : [...letters].filter((_letter, bit) => (flags & (1 << bit)) !== 0).join("")
)

/** The flags in tcpdump's letters (`S`, `S.`, `FPU`, `none`). */
export const tcpFlagLetters = (flags: number): string => flagTexts[flags & 255] ?? "none"

/** The flags byte of a packet whose TCP header is there and long enough to be one; none of another packet. */
export const tcpFlags = (view: DataView, packet: IpPacket): number | undefined =>
  isTcp(packet) && packet.transport + shortestHeader <= packet.end && tcpHeaderLength(view, packet) >= shortestHeader
    ? view.getUint8(packet.transport + 13)
    : undefined

/** How many bytes of data the segment has, where its header is there and can be true. */
export const tcpPayloadLength = (view: DataView, packet: IpPacket): number | undefined => {
  if (!isTcp(packet) || packet.transport + shortestHeader > packet.end) return undefined
  const headerLength = tcpHeaderLength(view, packet)
  return headerLength < shortestHeader || headerLength > packet.transportLength
    ? undefined
    : packet.transportLength - headerLength
}

/** The header's length in bytes, as the segment claims it. */
export const tcpHeaderLength = (view: DataView, packet: IpPacket): number =>
  (view.getUint8(packet.transport + 12) >>> 4) * 4

const isTcp = (packet: IpPacket): boolean => packet.hasTransport && packet.protocol === Protocol.tcp

/**
 * What tcpdump -n -S says of a TCP segment behind the endpoints, up to its length:
 * `Flags [S], seq 1, win 1024, options [mss 1460], length 0`. What it says of the data is left out.
 */
export const tcpText = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  const length = packet.transportLength
  if (at + shortestHeader > packet.end) return " [|tcp]"
  const headerLength = tcpHeaderLength(view, packet)
  if (headerLength < shortestHeader) {
    return ` tcp ${(length - headerLength) >>> 0} [bad hdr length ${headerLength} - too short, < ${shortestHeader}]`
  }
  const flags = view.getUint8(at + 13)
  const flagsText = `Flags [${tcpFlagLetters(flags)}]`
  if (headerLength > length) return `${flagsText} [bad hdr length ${headerLength} - too long, > ${length}]`

  const dataLength = length - headerLength
  const sequence = view.getUint32(at + 4)
  const start = dataLength > 0 || (flags & (TcpFlag.syn | TcpFlag.fin | TcpFlag.rst)) !== 0 ? `, seq ${sequence}` : ""
  const end = dataLength > 0 ? `:${(sequence + dataLength) >>> 0}` : ""
  const acknowledged = (flags & TcpFlag.ack) !== 0 ? `, ack ${view.getUint32(at + 8)}` : ""
  const urgent = (flags & TcpFlag.urgent) !== 0 ? `, urg ${view.getUint16(at + 18)}` : ""
  const fixed = `${flagsText}${start}${end}${acknowledged}, win ${view.getUint16(at + 14)}${urgent}`
  if (headerLength === shortestHeader) return `${fixed}, length ${dataLength}`

  const options = tcpOptionsText(view, at + shortestHeader, at + headerLength, packet.end, at + length)
  if (!options.isWhole) return `${fixed}, options [${options.text}`
  const headerIsHere = at + headerLength <= packet.end
  const cutOff =
    headerIsHere || dataLength === 0
      ? ""
      : ` [remaining caplen(${packet.end - at}) < header length(${headerLength})] [|tcp]`
  return `${fixed}, options [${options.text}], length ${dataLength}${cutOff}`
}
