import { protocolKeyword } from "../IpProtocol.ts"
import type { Direction, Endpoint, EpochMicros, Family, PfLogEntry } from "../PfLogEntry.ts"
import { isIcmpRequest } from "./IcmpText.ts"
import {
  destinationText,
  hasPorts,
  type IpPacket,
  isWholly,
  packetFamily,
  readIpPacket,
  sourceText,
  unreadablePacket
} from "./IpPacket.ts"
import { isPrintableText, packetText } from "./PacketText.ts"
import type { CaptureBytes } from "./PcapRecords.ts"
import { PflogHeader } from "./PflogHeader.ts"
import { isExtensionHeader, Protocol } from "./Protocols.ts"
import { tcpFlagLetters, tcpFlags } from "./TcpText.ts"
import { payloadLengthOf } from "./Transport.ts"

/**
 * An entry that was decoded from the packet itself. Every field is read when it is asked for, from bytes that never change,
 * so a format pays only for what it writes, and an entry may be kept.
 */
export class PacketEntry implements PfLogEntry {
  readonly time: EpochMicros
  /** pf's header, with its numbers as they stand there. */
  readonly pflog: PflogHeader
  readonly capture: CaptureBytes
  readonly #ipStart: number
  readonly #end: number
  readonly #ipLength: number
  #packet: IpPacket | undefined

  /**
   * @param start where the record's bytes begin, which must hold the whole of pf's header
   * @param end where its captured bytes end
   * @param wireLength how long the record was before it was cut to the snapshot length
   */
  constructor(capture: CaptureBytes, start: number, end: number, wireLength: number, time: EpochMicros) {
    this.time = time
    this.capture = capture
    this.pflog = new PflogHeader(capture, start)
    const headerLength = this.pflog.paddedLength
    this.#ipStart = start + headerLength
    this.#end = end
    this.#ipLength = wireLength - headerLength
  }

  /** The outermost IP packet. */
  get packet(): IpPacket {
    this.#packet ??= this.#readPacket()
    return this.#packet
  }

  #readPacket(): IpPacket {
    const { pflog } = this
    const { view } = this.capture
    const family = packetFamily(pflog, view, this.#ipStart, this.#end)
    const packet = readIpPacket(view, family, this.#ipStart, this.#end, this.#ipLength)
    if (pflog.isKnown || isWholly(view, packet, this.#ipLength)) return packet
    return unreadablePacket(this.#ipStart, this.#end, `[pflog header of ${pflog.length} bytes]`)
  }

  /** Whether all of the text is printable ASCII. */
  get printable(): boolean {
    return isPrintableText(this.pflog)
  }

  get rule(): number | undefined {
    return this.pflog.rule
  }

  get ruleset(): string | undefined {
    return this.subrule === undefined ? undefined : this.pflog.ruleset
  }

  get subrule(): number | undefined {
    return this.pflog.subrule
  }

  get reason(): string {
    return this.pflog.reasonName ?? String(this.pflog.reasonNumber)
  }

  get action(): string {
    return this.pflog.actionName ?? String(this.pflog.actionNumber)
  }

  get direction(): Direction {
    return this.pflog.direction ?? `${this.pflog.directionNumber}`
  }

  get interface(): string {
    return this.pflog.interface
  }

  get uid(): number | undefined {
    return this.pflog.uid
  }

  get pid(): number | undefined {
    return this.pflog.pid
  }

  get ridentifier(): number | undefined {
    return this.pflog.ridentifier
  }

  get family(): Family | undefined {
    return this.packet.family
  }

  get protocol(): string | undefined {
    const { family, protocol } = this.packet
    if (family === undefined || (family === "ipv6" && isExtensionHeader(protocol))) return undefined
    return family === "ipv6" && protocol === Protocol.mobilityOld
      ? protocolKeyword(Protocol.mobility)
      : protocolKeyword(protocol)
  }

  get source(): Endpoint | undefined {
    const packet = this.packet
    if (packet.family === undefined) return undefined
    const { view } = this.capture
    const port = hasPorts(packet) ? view.getUint16(packet.transport) : undefined
    return { address: sourceText(view, packet), port }
  }

  get destination(): Endpoint | undefined {
    const packet = this.packet
    if (packet.family === undefined) return undefined
    const { view } = this.capture
    const port = hasPorts(packet) ? view.getUint16(packet.transport + 2) : undefined
    return { address: destinationText(view, packet), port }
  }

  get tcpFlags(): string | undefined {
    const flags = tcpFlags(this.capture.view, this.packet)
    return flags === undefined ? undefined : tcpFlagLetters(flags)
  }

  get fragment(): boolean {
    return this.packet.fragment
  }

  get icmpRequest(): boolean {
    return isIcmpRequest(this.capture.view, this.packet)
  }

  get payloadLength(): number | undefined {
    return payloadLengthOf(this.capture.view, this.packet)
  }

  get text(): string {
    return packetText(this.capture.view, this.pflog, this.packet)
  }
}
