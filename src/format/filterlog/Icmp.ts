import { IcmpType, timeExceeded } from "../../decode/packet/IcmpText.ts"
import type { IpPacket } from "../../decode/packet/IpPacket.ts"

const otherNames: ReadonlyMap<number, string> = new Map([
  [4, "source quench"],
  [9, "routeradv"],
  [10, "router solicitation"],
  [15, "information request"],
  [16, "information reply"],
  [17, "address mask request"],
  [18, "maskreply"]
])

/**
 * The fields of an ICMP message in pfSense's grammar: `request,ID,SEQ`, `unreachport,DST,PROTO,PORT`, `needfrag,DST,MTU`,
 * …. What the message quotes of another packet (DST, PROTO, PORT) is the sender's choice, and left empty.
 */
export const icmpFields = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  const available = packet.end - at
  if (available < 8) return `datalength=${packet.transportLength}`
  const type = view.getUint8(at)
  const code = view.getUint8(at + 1)
  const idAndSequence = `${view.getUint16(at + 4)},${view.getUint16(at + 6)}`
  switch (type) {
    case IcmpType.echoReply:
      return `reply,${idAndSequence}`
    case IcmpType.echo:
      return `request,${idAndSequence}`
    case IcmpType.unreachable:
      return unreachableFields(code, view.getUint16(at + 6))
    case IcmpType.redirect:
      return `redirect,code ${code}`
    case IcmpType.timeExceeded:
      return `timexceed,${timeExceeded[code] ?? `time exceeded-#${code}`}`
    case IcmpType.parameterProblem:
      return `paramprob,parameter problem - ${code === 0 ? `octet ${view.getUint8(at + 4)}` : `code ${code}`}`
    case IcmpType.timeStamp:
      return `tstamp,${idAndSequence}`
    case IcmpType.timeStampReply:
      return `tstampreply,${idAndSequence},,,`
    default:
      return otherNames.get(type) ?? `type-${type}`
  }
}

const unreachableFields = (code: number, mtu: number): string => {
  switch (code) {
    case 2:
      return "unreachproto,,"
    case 3:
      return "unreachport,,,"
    case 4:
      return `needfrag,,${mtu}`
    default:
      return `unreach,code ${code}`
  }
}

/** pf.conf(5)'s keywords of ICMPv6 types. */
const icmp6Types: ReadonlyMap<number, string> = new Map([
  [1, "unreach"],
  [2, "toobig"],
  [3, "timex"],
  [4, "paramprob"],
  [128, "echoreq"],
  [129, "echorep"],
  [130, "listqry"],
  [131, "listenrep"],
  [132, "listendone"],
  [133, "routersol"],
  [134, "routeradv"],
  [135, "neighbrsol"],
  [136, "neighbradv"],
  [137, "redir"],
  [138, "routrrenum"],
  [139, "niqry"],
  [140, "nirep"],
  [143, "listenrepv2"],
  [200, "mtraceresp"],
  [201, "mtrace"]
])

/** pf.conf(5)'s keywords of ICMPv6 codes, by type. */
const icmp6Codes: ReadonlyMap<number, ReadonlyArray<string>> = new Map([
  [1, ["noroute-unr", "admin-unr", "beyond-unr", "addr-unr", "port-unr"]],
  [3, ["transit", "reassemb"]],
  [4, ["badhead", "nxthdr"]]
])

/**
 * The fields of an ICMPv6 message in OPNsense's grammar; pfSense writes none:
 * `datalength=N,type,code,id,seq,mtu`.
 */
export const icmp6Fields = (view: DataView, packet: IpPacket): string => {
  const at = packet.transport
  const available = packet.end - at
  const length = `datalength=${packet.transportLength}`
  if (available < 8) return `${length},truncated-icmp=${Math.max(0, available)},,,,`
  const type = view.getUint8(at)
  const code = view.getUint8(at + 1)
  const isEcho = type === 128 || type === 129
  const idAndSequence = isEcho ? `${view.getUint16(at + 4)},${view.getUint16(at + 6)}` : ","
  const mtu = type === 2 ? view.getUint32(at + 4) : ""
  return `${length},${icmp6Types.get(type) ?? `unknown(${type})`},${icmp6Codes.get(type)?.[code] ?? code},${idAndSequence},${mtu}`
}
