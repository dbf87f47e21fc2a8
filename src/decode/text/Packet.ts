import type { Endpoint, Family } from "../PfLogEntry.ts"

/**
 * What a line says of the outermost packet: filled by the readers of a line's parts, one after the other, and used again for
 * the next line.
 */
export class Packet {
  family: Family | undefined
  protocol: string | undefined
  source: Endpoint | undefined
  destination: Endpoint | undefined
  tcpFlags: string | undefined
  fragment = false
  icmpRequest = false
  payloadLength: number | undefined
  /** The process that the packet belongs to, which OpenBSD's `tcpdump -v` writes in front of the packet. */
  uid: number | undefined
  pid: number | undefined

  /** Forgets all. */
  reset(): void {
    this.family = undefined
    this.protocol = undefined
    this.source = undefined
    this.destination = undefined
    this.tcpFlags = undefined
    this.fragment = false
    this.icmpRequest = false
    this.payloadLength = undefined
    this.uid = undefined
    this.pid = undefined
  }

  /** Forgets where the packet comes from and goes to, with all that was read beside that. */
  forgetAddresses(): void {
    this.family = undefined
    this.protocol = undefined
    this.source = undefined
    this.destination = undefined
  }
}
