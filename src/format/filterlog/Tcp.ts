import type { IpPacket } from "../../decode/packet/IpPacket.ts"
import { TcpOption, tcpOptionNames } from "../../decode/packet/TcpOptions.ts"
import { TcpFlag, tcpHeaderLength } from "../../decode/packet/TcpText.ts"

const shortestHeader = 20

/** filterlog's letters, in its order. */
const letters = [
  [TcpFlag.fin, "F"],
  [TcpFlag.syn, "S"],
  [TcpFlag.rst, "R"],
  [TcpFlag.push, "P"],
  [TcpFlag.ack, "A"],
  [TcpFlag.urgent, "U"],
  [TcpFlag.echo, "E"],
  [TcpFlag.reduced, "C"]
] as const

const flagTexts: ReadonlyArray<string> = Array.from({ length: 256 }, (_, flags) =>
  letters.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("")
)

/** filterlog's name of an option: tcpdump's, but for the one that tcpdump leaves empty. */
const optionName = (kind: number): string =>
  kind === TcpOption.connectionCountEcho ? "ccecho" : (tcpOptionNames.get(kind) ?? `unknown(${kind})`)

/**
 * The fields of a TCP segment: `sport,dport,datalen,flags,seq,ack,window,urg,options`. A field that does not apply is
 * empty. Of a header that is cut off or cannot be true all fields behind the ports are empty, and the reason stands in place of
 * the options, so that the ports stay where a reader looks for them.
 */
export const tcpFields = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  const length = packet.transportLength
  if (at + 4 > packet.end) return ",,,,,,,,errormsg='[tcp header cut off]'"
  const ports = `${view.getUint16(at)},${view.getUint16(at + 2)}`
  if (at + shortestHeader > packet.end) {
    return `${ports},${Math.max(0, length - shortestHeader)},,,,,,errormsg='[tcp header cut off]'`
  }
  const headerLength = tcpHeaderLength(view, packet)
  if (headerLength < shortestHeader) {
    return `${ports},0,,,,,,errormsg='[bad hdr length ${headerLength} - too short < ${shortestHeader}]'`
  }
  const flags = view.getUint8(at + 13)
  const flagsText = flagTexts[flags]
  if (headerLength > length) {
    return `${ports},0,${flagsText},,,,,errormsg='[bad hdr length ${headerLength} - too long > ${length}]'`
  }
  const dataLength = length - headerLength
  const acknowledged = (flags & TcpFlag.ack) !== 0 ? view.getUint32(at + 8) : ""
  const urgent = (flags & TcpFlag.urgent) !== 0 ? view.getUint16(at + 18) : ""
  const options = optionsText(view, at + shortestHeader, Math.min(at + headerLength, packet.end))
  return `${ports},${dataLength},${flagsText},${sequenceText(view.getUint32(at + 4), flags, dataLength)},${acknowledged},${view.getUint16(at + 14)},${urgent},${options}`
}

/** `1:11` where there is data, `1` of a segment that takes a number without, nothing otherwise. */
const sequenceText = (sequence: number, flags: number, dataLength: number): string => {
  if (dataLength > 0) return `${sequence}:${(sequence + dataLength) >>> 0}`
  return (flags & (TcpFlag.syn | TcpFlag.fin | TcpFlag.rst)) !== 0 ? String(sequence) : ""
}

/** The names of the options, without their values: `mss;nop;wscale`. */
const optionsText = (view: DataView, start: number, end: number): string => {
  let text = ""
  for (let at = start; at < end; ) {
    const separator = at === start ? "" : ";"
    const kind = view.getUint8(at)
    const name = optionName(kind)
    if (kind === TcpOption.end) return text + separator + name
    const length = kind === TcpOption.noOperation ? 1 : at + 1 < end ? view.getUint8(at + 1) : 0
    if (length === 0 || (kind !== TcpOption.noOperation && length < 2) || at + length > end)
      return `${text + separator}[bad opt]`
    text += separator + name
    at += length
  }
  return text
}
