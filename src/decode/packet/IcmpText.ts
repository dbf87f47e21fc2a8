import type { IpPacket } from "./IpPacket.ts"
import { Protocol } from "./Protocols.ts"

/** The types of ICMP and ICMPv6 messages that have a text of their own here (IANA, "ICMP Type Numbers"). */
export const IcmpType = {
  echoReply: 0,
  unreachable: 3,
  redirect: 5,
  echo: 8,
  timeExceeded: 11,
  parameterProblem: 12,
  timeStamp: 13,
  timeStampReply: 14,
  informationRequest: 15,
  maskRequest: 17,
  maskReply: 18,
  extendedEcho: 42
} as const

const Icmp6Type = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echo: 128,
  echoReply: 129,
  nodeInformationQuery: 139,
  extendedEcho: 160
} as const

const icmpNames: ReadonlyMap<number, string> = new Map([
  [0, "echo reply"],
  [4, "source quench"],
  [8, "echo request"],
  [9, "router advertisement"],
  [10, "router solicitation"],
  [15, "information request"],
  [16, "information reply"],
  [17, "address mask request"],
  [18, "address mask reply"]
])

const icmp6Names: ReadonlyMap<number, string> = new Map([
  [1, "destination unreachable"],
  [2, "packet too big"],
  [3, "time exceeded in-transit"],
  [4, "parameter problem"],
  [128, "echo request"],
  [129, "echo reply"],
  [130, "multicast listener query"],
  [131, "multicast listener report"],
  [132, "multicast listener done"],
  [133, "router solicitation"],
  [134, "router advertisement"],
  [135, "neighbor solicitation"],
  [136, "neighbor advertisement"],
  [137, "redirect"],
  [138, "router renumbering"],
  [139, "node information query"],
  [140, "node information reply"],
  [141, "inverse neighbor solicitation"],
  [142, "inverse neighbor advertisement"],
  [143, "multicast listener report v2"],
  [144, "ha discovery request"],
  [145, "ha discovery reply"],
  [146, "mobile router solicitation"],
  [147, "mobile router advertisement"],
  [155, "RPL"],
  [200, "mtrace response"],
  [201, "mtrace message"]
])

/**
 * Whether the packet is a message of ICMP or ICMPv6 that asks for an answer. Of one that is cut off before its text
 * shows it ({@link icmpText}) it is not known.
 */
export const isIcmpRequest = (view: DataView, packet: IpPacket): boolean => {
  if (!packet.hasTransport || packet.transport + 2 > packet.end) return false
  const type = view.getUint8(packet.transport)
  if (packet.protocol === Protocol.icmp6 && packet.family === "ipv6")
    return type === Icmp6Type.echo || type === Icmp6Type.nodeInformationQuery || type === Icmp6Type.extendedEcho
  if (packet.protocol !== Protocol.icmp || packet.family !== "ipv4") return false
  if (type === IcmpType.echo || type === IcmpType.timeStamp) return packet.transport + 8 <= packet.end
  return type === IcmpType.informationRequest || type === IcmpType.maskRequest || type === IcmpType.extendedEcho
}

/**
 * The text of an ICMP message: tcpdump's own where it comes from the message's header only, else type and code.
 * What it quotes (the addresses and ports of another packet, of the sender's choice) is left out.
 */
export const icmpText = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  const available = packet.end - at
  if (available < 2) return " [|icmp]"
  const type = view.getUint8(at)
  const code = view.getUint8(at + 1)
  const ending = `, length ${packet.transportLength}`
  switch (type) {
    case IcmpType.echo:
    case IcmpType.echoReply: {
      if (available < 8) return " [|icmp]"
      const direction = type === IcmpType.echo ? "request" : "reply"
      return `ICMP echo ${direction}, id ${view.getUint16(at + 4)}, seq ${view.getUint16(at + 6)}${ending}`
    }
    case IcmpType.unreachable:
      return `ICMP unreachable - #${code}${ending}`
    case IcmpType.redirect:
      return `ICMP redirect-#${code}${ending}`
    case IcmpType.timeExceeded:
      return `ICMP ${timeExceeded[code] ?? `time exceeded-#${code}`}${ending}`
    case IcmpType.parameterProblem: {
      if (code !== 0) return `ICMP parameter problem - code ${code}${ending}`
      return available < 5 ? " [|icmp]" : `ICMP parameter problem - octet ${view.getUint8(at + 4)}${ending}`
    }
    case IcmpType.timeStamp:
    case IcmpType.timeStampReply: {
      if (available < 8) return " [|icmp]"
      const direction = type === IcmpType.timeStamp ? "query" : "reply"
      return `ICMP time stamp ${direction} id ${view.getUint16(at + 4)} seq ${view.getUint16(at + 6)}${ending}`
    }
    default:
      return `ICMP ${icmpNames.get(type) ?? `type-#${type}`}${ending}`
  }
}

/** The texts of ICMP's "time exceeded" by code. */
export const timeExceeded = ["time exceeded in-transit", "ip reassembly time exceeded"]

/** The text of an ICMPv6 message, by the same rule as {@link icmpText}. */
export const icmp6Text = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  const available = packet.end - at
  if (packet.transportLength === 0) return "ICMP6, length 0 (invalid)"
  if (available < 2) return " [|icmp6]"
  const type = view.getUint8(at)
  const code = view.getUint8(at + 1)
  const start = `ICMP6, ${icmp6Names.get(type) ?? `unknown icmp6 type (${type})`}`
  const ending = `, length ${packet.transportLength}`
  switch (type) {
    case Icmp6Type.echo:
    case Icmp6Type.echoReply:
      if (available < 8) return `${start} [|icmp6]`
      return `${start}, id ${view.getUint16(at + 4)}, seq ${view.getUint16(at + 6)}${ending}`
    case Icmp6Type.packetTooBig:
      return available < 8 ? `${start} [|icmp6]` : `${start}, mtu ${view.getUint32(at + 4)}${ending}`
    case Icmp6Type.unreachable:
    case Icmp6Type.timeExceeded:
    case Icmp6Type.parameterProblem:
      return `${start}, code-#${code}${ending}`
    default:
      return start + ending
  }
}
