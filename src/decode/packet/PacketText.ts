import { protocolKeyword } from "../IpProtocol.ts"
import { destinationText, hasPorts, type IpPacket, sourceText } from "./IpPacket.ts"
import type { PflogHeader } from "./PflogHeader.ts"
import { carriesPorts, Protocol } from "./Protocols.ts"
import { transportText } from "./Transport.ts"

/** The head of a line, and the header of pf's that it was written from. */
interface WrittenHead {
  readonly pflog: PflogHeader
  readonly text: string
  readonly printable: boolean
}

/** The head that was written last: the packets of a flood share theirs. */
let lastHead: WrittenHead | undefined

const headOf = (pflog: PflogHeader): WrittenHead => {
  if (lastHead?.pflog.hasHeadOf(pflog) === true) return lastHead
  const text = makeHeadText(pflog)
  lastHead = { pflog, text, printable: /^[ -~]*$/.test(text) }
  return lastHead
}

/** The head of a line, up to the addresses: `rule 1/0(match): block in on vtnet0: `. */
const headText = (pflog: PflogHeader): string => headOf(pflog).text

/** Whether a packet's text is printable ASCII: all of it is ours, except for the names of ruleset and interface in the head. */
export const isPrintableText = (pflog: PflogHeader): boolean => headOf(pflog).printable

/** A reason as tcpdump writes it, up to the parenthesis, which it leaves out where it cannot know the system. */
const writtenReason = (name: string): string =>
  name === "state-locked/dummynet" ? "state-locked (NetBSD)/dummynet(Darwin)" : `${name})`

const makeHeadText = (pflog: PflogHeader): string => {
  const subrule = pflog.subrule
  const rule = subrule === undefined ? `${pflog.ruleNumber}` : `${pflog.ruleNumber}.${pflog.ruleset}.${subrule}`
  const reasonNumber = pflog.reasonNumber
  const reasonName = pflog.reasonName
  const reason = reasonName === undefined ? `unkn(${reasonNumber})` : `${reasonNumber}(${writtenReason(reasonName)}`
  const action = pflog.actionName ?? `unkn(${pflog.actionNumber})`
  const direction = pflog.direction ?? `unkn(${pflog.directionNumber})`
  return `rule ${rule}/${reason}: ${action} ${direction} on ${pflog.interface}: `
}

/**
 * The packet as `tcpdump -e -n -S` prints it, from `rule` on: the whole line of plain TCP, UDP and ICMP echo; head and
 * addresses of all else. No byte of data is in it, nor what a packet quotes.
 */
export const packetText = (view: DataView, pflog: PflogHeader, packet: IpPacket): string =>
  headText(pflog) + packet.note + (packet.family === undefined ? "" : bodyText(view, packet))

const bodyText = (view: DataView, packet: IpPacket): string => {
  const source = sourceText(view, packet)
  const destination = destinationText(view, packet)
  const hasOwnPorts = hasPorts(packet)
  // tcpdump joins addresses and ports only where the IP header itself names a protocol with ports.
  if (hasOwnPorts && packet.headerProtocol === packet.protocol) {
    const sourcePort = view.getUint16(packet.transport)
    const destinationPort = view.getUint16(packet.transport + 2)
    return `${source}.${sourcePort} > ${destination}.${destinationPort}: ${transportText(view, packet)}`
  }
  if (packet.laterFragment && packet.chain === "") return `${source} > ${destination}: ip-proto-${packet.protocol}`
  const addresses = `${source} > ${destination}: ${packet.chain}`
  if (!packet.hasTransport) return addresses
  if (hasOwnPorts) {
    return `${addresses}${view.getUint16(packet.transport)} > ${view.getUint16(packet.transport + 2)}: ${transportText(view, packet)}`
  }
  if (packet.protocol === Protocol.tcp && packet.chain === "") return `${source} > ${destination}: [|tcp]`
  return addresses + (carriesPorts(packet.protocol) ? cutOffText(packet.protocol) : transportText(view, packet))
}

/** The text of a transport header that ends before its ports do. */
const cutOffText = (protocol: number): string => ` [|${protocolKeyword(protocol)}]`
