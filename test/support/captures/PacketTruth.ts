import type { Endpoint, PfLogEntry } from "../../../src/decode/PfLogEntry.ts"
import type { IpPacket } from "./IpPacket.ts"
import type { LoggedPacket } from "./PcapWriter.ts"
import { fieldName } from "./PflogHeader.ts"
import { Action, actionName, Direction, type PfSystem, reasonName } from "./PfNumbers.ts"

/**
 * What is true of one packet of a capture: the fields that a decoder should find, and what it must not.
 *
 * A decoder of text can know only what tcpdump prints: tcpdump 4.99 leaves out `uid` and `ridentifier`, has no name for
 * some reasons and actions, and does not mark an IPv4 packet as a first fragment.
 */
export interface PacketTruth extends Omit<PfLogEntry, "text" | "direction" | "pid"> {
  /** Counts from 0 in the order of the capture. */
  readonly index: number
  readonly system: PfSystem
  /** What the header says of its own length. */
  readonly headerLength: number
  /** `in`, `out`, `in/out`, `fwd`, or a number that no system knows. */
  readonly direction: string
  /** The numbers that pf wrote for `reason`, `action` and `direction`. */
  readonly numbers: { readonly reason: number; readonly action: number; readonly direction: number }
  /** Where in the whole datagram a fragment begins. */
  readonly fragmentOffset: number | undefined
  /** Bytes of the IP packet that the capture leaves out. */
  readonly missingBytes: number
  /** Whether the capture ends within the IP header, its options or its extension headers. */
  readonly headerCut: boolean
  /** Whether some length in its headers is a lie: its addresses and ports are sure, flags and lengths are not. */
  readonly lies: boolean
  /** Whether a ban may be based on this packet: it came in and was blocked. */
  readonly blockedInbound: boolean
  /** Addresses that the packet carries or quotes without coming from or going to them. */
  readonly innerAddresses: ReadonlyArray<string>
}

const directionNames = ["in/out", "in", "out", "fwd"]

/** What is true of a packet. What a capture cuts off is absent. */
export const truthOf = (index: number, logged: LoggedPacket): PacketTruth => {
  const { header, packet, pf, time } = logged
  const rewritten = header.rewritten ? pf.rewritten : undefined
  const captured = Math.min(logged.captured ?? packet.bytes.length, packet.bytes.length)
  return {
    index,
    time,
    rule: pf.rule,
    ruleset: pf.ruleset === undefined ? undefined : fieldName(pf.ruleset),
    subrule: pf.subrule,
    reason: reasonName(header.system, pf.reason),
    action: actionName(header.system, pf.action),
    direction: directionNames[pf.direction] ?? String(pf.direction),
    interface: fieldName(pf.interface),
    uid: pf.uid,
    ridentifier: header.ridentifierAt === undefined || pf.ridentifier === 0 ? undefined : pf.ridentifier,
    ...(pf.addressFamily === undefined ? packetFacts(packet, captured) : unreadable),
    missingBytes: packet.bytes.length - captured,
    headerCut: captured < packet.transportAt,
    lies: packet.lies === true,
    system: header.system,
    headerLength: header.length,
    numbers: { reason: pf.reason, action: pf.action, direction: pf.direction },
    blockedInbound: pf.action === Action.block && pf.direction === Direction.in,
    innerAddresses: [
      ...packet.innerAddresses,
      ...(rewritten === undefined ? [] : [rewritten.source, rewritten.destination])
    ]
  }
}

/** What a reader can say of the packet itself, of which so many bytes were captured. */
const packetFacts = (packet: IpPacket, captured: number) => {
  const portsKept = captured >= packet.transportAt + 4
  const flagsKept = captured >= packet.transportAt + 20
  return {
    family: packet.family,
    protocol: packet.protocol,
    source: endpointKept(packet.source, portsKept),
    destination: endpointKept(packet.destination, portsKept),
    tcpFlags: flagsKept ? packet.tcpFlags : undefined,
    fragment: packet.fragmentOffset !== undefined,
    icmpRequest: isIcmpRequest(packet, captured),
    fragmentOffset: packet.fragmentOffset,
    payloadLength: captured === packet.bytes.length ? packet.payloadLength : undefined
  }
}

/** The types of ICMP (RFC 792, 950, 8335) and ICMPv6 (RFC 4443, 4620, 8335) that ask for an answer. */
const requestTypes = { icmp: [8, 13, 15, 17, 42], "ipv6-icmp": [128, 139, 160] }

/** Whether it is a request that tcpdump can tell: of echo and time stamp over IPv4 it wants to see 8 bytes. */
const isIcmpRequest = ({ bytes, fragmentOffset = 0, protocol, transportAt }: IpPacket, captured: number): boolean => {
  if ((protocol !== "icmp" && protocol !== "ipv6-icmp") || fragmentOffset > 0) return false
  const type = bytes[transportAt] ?? -1
  const needed = protocol === "icmp" && (type === 8 || type === 13) ? 8 : 2
  return captured >= transportAt + needed && requestTypes[protocol].includes(type)
}

/** What can be said where pf's header lies about the address family: nothing. */
const unreadable = {
  family: undefined,
  protocol: undefined,
  source: undefined,
  destination: undefined,
  tcpFlags: undefined,
  fragment: false,
  icmpRequest: false,
  fragmentOffset: undefined,
  payloadLength: undefined
}

const endpointKept = (endpoint: Endpoint, portKept: boolean): Endpoint =>
  portKept ? endpoint : { address: endpoint.address, port: undefined }
