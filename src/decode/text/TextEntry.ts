import type { Direction, Endpoint, EpochMicros, Family, PfLogEntry } from "../PfLogEntry.ts"
import { readAddressPart } from "./Addresses.ts"
import { Cursor } from "./Cursor.ts"
import { LinePacket } from "./LinePacket.ts"
import type { PfHead } from "./PfHead.ts"
import { readAddressless, readProtocolPart } from "./ProtocolText.ts"

const space = 0x20

/**
 * The entry of a line whose head is read. What the line says of the packet is read when it is first asked for, since the
 * format `ascii`, which copies the text, never asks. The decoder fills the same entry again for the next line: it is lent
 * (see `Lent`).
 */
export class TextEntry implements PfLogEntry {
  /** The time in two whole numbers, which unlike its microseconds in one need no object of their own. */
  seconds = 0
  /** Microseconds behind the second; negative where the line has no time. */
  fraction = -1
  /** Where the text lies, from `rule` on, without the line's end. */
  bytes: Buffer
  start = 0
  end = 0
  /** Whether all of the text is printable ASCII. */
  printable = false
  /** What pf itself says. */
  head: PfHead
  private headLength = 0
  private linePacket: LinePacket | undefined
  private areAddressesWhole = false
  private readonly cursor = new Cursor()
  /** The line as a string, where there is one already, and where the text begins in it. */
  private line: string | undefined
  private textStart = 0
  private isComplete = true

  constructor(head: PfHead, bytes: Buffer) {
    this.head = head
    this.bytes = bytes
  }

  /** Makes it the entry of another line. */
  fill(
    seconds: number,
    fraction: number,
    head: PfHead,
    headLength: number,
    bytes: Buffer,
    start: number,
    end: number,
    printable: boolean
  ): void {
    this.seconds = seconds
    this.fraction = fraction
    this.head = head
    this.headLength = headLength
    this.bytes = bytes
    this.start = start
    this.end = end
    this.printable = printable
    this.linePacket = undefined
    this.line = undefined
    this.isComplete = true
  }

  /**
   * Gives it the line as a string, which it then need not make itself.
   *
   * @param textStart where the text begins in the line
   * @param isComplete whether the line was ended: what an unfinished one ends with may be the half of a word or a number
   */
  setLine(line: string, textStart: number, isComplete: boolean): void {
    this.line = line
    this.textStart = textStart
    this.isComplete = isComplete
  }

  /** Where in the bytes begins what the line says of the packet. */
  get packetStart(): number {
    return this.start + this.headLength
  }

  get time(): EpochMicros | undefined {
    return this.fraction < 0 ? undefined : this.seconds * 1_000_000 + this.fraction
  }
  get rule(): number | undefined {
    return this.head.rule
  }
  get ruleset(): string | undefined {
    return this.head.ruleset
  }
  get subrule(): number | undefined {
    return this.head.subrule
  }
  get reason(): string {
    return this.head.reason
  }
  get action(): string {
    return this.head.action
  }
  get direction(): Direction {
    return this.head.direction
  }
  get interface(): string {
    return this.head.interface
  }
  get uid(): number | undefined {
    return this.packet.uid ?? this.head.uid
  }
  get pid(): number | undefined {
    return this.packet.pid ?? this.head.pid
  }
  get ridentifier(): number | undefined {
    return this.head.ridentifier
  }
  get family(): Family | undefined {
    return this.packet.family
  }
  get protocol(): string | undefined {
    return this.packet.protocol
  }
  get source(): Endpoint | undefined {
    return this.packet.source
  }
  get destination(): Endpoint | undefined {
    return this.packet.destination
  }
  get tcpFlags(): string | undefined {
    return this.packet.tcpFlags
  }
  get fragment(): boolean {
    return this.packet.fragment
  }
  get icmpRequest(): boolean {
    return this.packet.icmpRequest
  }
  get payloadLength(): number | undefined {
    return this.packet.payloadLength
  }
  get text(): string {
    return this.line?.substring(this.textStart) ?? this.bytes.toString("latin1", this.start, this.end)
  }

  /** Whether even an unfinished line gives the addresses whole: the space behind them shows that the last number is. */
  get hasWholeAddresses(): boolean {
    return this.packet !== undefined && this.areAddressesWhole
  }

  private get packet(): LinePacket {
    return this.linePacket ?? this.readPacket()
  }

  private readPacket(): LinePacket {
    const { cursor, head } = this
    const line = this.line ?? this.text
    const textStart = this.line === undefined ? 0 : this.textStart
    const packet = new LinePacket()
    cursor.reset(line, textStart + this.headLength, line.length)
    const hasAddresses = readAddressPart(cursor, head, packet)
    this.areAddressesWhole = hasAddresses && line.charCodeAt(cursor.at - 1) === space
    if (hasAddresses) readProtocolPart(cursor, head, packet, this.isComplete)
    else readAddressless(cursor, packet)
    this.linePacket = packet
    return packet
  }
}
