import type { Endpoint, Family, PacketFields } from "../PfLogEntry.ts"

/** The outermost packet that a line describes: the readers of the line's parts fill it, one after the other. */
export class LinePacket implements PacketFields {
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

  /** Forgets where the packet comes from and goes to, with all that was read beside that. */
  forgetAddresses(): void {
    this.family = undefined
    this.protocol = undefined
    this.source = undefined
    this.destination = undefined
  }
}
