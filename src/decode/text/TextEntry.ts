import type { Direction, Endpoint, EpochMicros, Family, PfLogEntry } from "../PfLogEntry.ts"
import { Cursor } from "./Cursor.ts"
import { Packet } from "./Packet.ts"
import { readAddressless, readPacketBody } from "./PacketBody.ts"
import { readPacketHead } from "./PacketHead.ts"
import type { PfHead } from "./PfHead.ts"

/**
 * The entry of a whole line whose head is read; what the line says of the packet is read when it is first asked for, since
 * the format `ascii`, which copies the text, never asks. Filled again for the next line: it is good until the sink returns.
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
  private readonly packet = new Packet()
  private isPacketRead = false
  private readonly cursor = new Cursor()
  /** The line as a string, where there is one already, and where the text begins in it. */
  private line: string | undefined
  private textStart = 0

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
    this.isPacketRead = false
    this.line = undefined
  }

  /** Tells the line as a string, so that it needn't be made again; `textStart` is where the text begins in it. */
  knowLine(line: string, textStart: number): void {
    this.line = line
    this.textStart = textStart
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
    return this.readPacket().uid ?? this.head.uid
  }
  get pid(): number | undefined {
    return this.readPacket().pid ?? this.head.pid
  }
  get ridentifier(): number | undefined {
    return this.head.ridentifier
  }
  get family(): Family | undefined {
    return this.readPacket().family
  }
  get protocol(): string | undefined {
    return this.readPacket().protocol
  }
  get source(): Endpoint | undefined {
    return this.readPacket().source
  }
  get destination(): Endpoint | undefined {
    return this.readPacket().destination
  }
  get tcpFlags(): string | undefined {
    return this.readPacket().tcpFlags
  }
  get fragment(): boolean {
    return this.readPacket().fragment
  }
  get icmpRequest(): boolean {
    return this.readPacket().icmpRequest
  }
  get payloadLength(): number | undefined {
    return this.readPacket().payloadLength
  }
  get text(): string {
    return this.line?.substring(this.textStart) ?? this.bytes.toString("latin1", this.start, this.end)
  }

  private readPacket(): Packet {
    const { packet, cursor, head } = this
    if (this.isPacketRead) return packet
    this.isPacketRead = true
    const line = this.line ?? this.text
    const textStart = this.line === undefined ? 0 : this.textStart
    cursor.reset(line, textStart + this.headLength, line.length)
    packet.reset()
    if (readPacketHead(cursor, head, packet)) readPacketBody(cursor, head, packet, true)
    else readAddressless(cursor, packet)
    return packet
  }
}
