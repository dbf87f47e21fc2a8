import type { IpPacket } from "./IpPacket.ts"
import { Protocol } from "./Protocols.ts"

/** Writes what tcpdump calls a protocol, with the version where its name has that; `first` is the header's first byte. */
type Name = (first: number, view: DataView, at: number) => string

const upperHalf =
  (name: string): Name =>
  (first) =>
    `${name}${first >>> 4}`

/**
 * What tcpdump calls the protocols that it knows and that are not looked into here. All that it says behind the name is left
 * out, except for the length: the sender chooses much of it.
 */
const names: ReadonlyMap<number, Name> = new Map<number, Name>([
  [Protocol.igmp, () => "igmp"],
  [Protocol.egp, (first) => `EGPv${first}`],
  [Protocol.igrp, () => "igrp"],
  [Protocol.rsvp, upperHalf("RSVPv")],
  [Protocol.gre, (_, view, at) => `GREv${view.getUint8(at + 1) & 7}`],
  [Protocol.mobile, () => "mobile"],
  [Protocol.eigrp, () => "EIGRP"],
  [Protocol.ospf, (first) => `OSPFv${first}`],
  [Protocol.pim, upperHalf("PIMv")],
  [Protocol.ipcomp, () => "IPComp"],
  [Protocol.vrrp, upperHalf("VRRPv")],
  [Protocol.pgm, () => "PGM"]
])

/** Their names where the header is cut off. */
const cutOffNames: ReadonlyMap<number, string> = new Map([
  [Protocol.igmp, "igmp"],
  [Protocol.egp, "egp"],
  [Protocol.igrp, "igrp"],
  [Protocol.rsvp, "rsvp"],
  [Protocol.gre, "gre"],
  [Protocol.mobile, "mobile"],
  [Protocol.eigrp, "eigrp"],
  [Protocol.ospf, "ospf"],
  [Protocol.pim, "pim"],
  [Protocol.ipcomp, "ipcomp"],
  [Protocol.vrrp, "vrrp"],
  [Protocol.pgm, "pgm"],
  [Protocol.mobility, "mobility"],
  [Protocol.mobilityOld, "mobility"]
])

/** Whether the packet is of Mobile IPv6: a header of IPv6's chain behind which nothing follows. */
export const isMobility = ({ family, protocol }: IpPacket): boolean =>
  family === "ipv6" && (protocol === Protocol.mobility || protocol === Protocol.mobilityOld)

/** The text of a protocol that is not looked into: its name as tcpdump prints it, or its number, and the length. */
export const otherText = (view: DataView, packet: IpPacket): string => {
  const { protocol, family, transport: at, end, transportLength } = packet
  if (isMobility(packet)) return mobilityText(view, packet)
  if (protocol === Protocol.igmp && family === "ipv6") return "[IGMP requires IPv4] (invalid)"
  if (protocol === Protocol.ethernet && family === "ipv4") return "[Ethernet requires IPv6] (invalid)"
  if (protocol === Protocol.networkDisk) return ` nd ${transportLength}`
  const name = names.get(protocol)
  if (name === undefined) return ` ip-proto-${protocol} ${transportLength}`
  if (at + 2 > end) return ` [|${cutOffNames.get(protocol)}]`
  return `${name(view.getUint8(at), view, at)}, length ${transportLength}`
}

/** The messages of Mobile IPv6 by their types. */
const mobilityMessages = ["BRR", "HoTI", "CoTI", "HoT", "CoT", "BU", "BA", "BE"]

const mobilityText = (view: DataView, { transport: at, end }: IpPacket): string => {
  if (at + 3 > end) return " [|mobility]"
  const payloadProtocol = view.getUint8(at)
  const remark =
    payloadProtocol === Protocol.noNext ? "" : `(payload protocol ${payloadProtocol} should be ${Protocol.noNext}) `
  const type = view.getUint8(at + 2)
  return `mobility: ${remark}${mobilityMessages[type] ?? `type-#${type}`}`
}
