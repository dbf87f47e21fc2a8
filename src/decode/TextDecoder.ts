import { Cursor } from "./Cursor.ts"
import type { DecodedSink, Decoder } from "./Decoder.ts"
import { type LineSink, LineSplitter } from "./Lines.ts"
import { Packet } from "./Packet.ts"
import { readAddressless, readPacketBody } from "./PacketBody.ts"
import { readPacketHead } from "./PacketHead.ts"
import { PfHeads } from "./PfHead.ts"
import type { PfLogEntry } from "./PfLogEntry.ts"
import { leadingTime } from "./Timestamp.ts"

const space = 0x20

/** All reading is synchronous and never nested, so these serve every line. */
const cursor = new Cursor()
const packet = new Packet()
const heads = new PfHeads()

/**
 * Reads the stretch of a text that is one line.
 *
 * @param complete whether a line feed ended the line
 */
const decodeStretch = (text: string, start: number, end: number, complete: boolean): PfLogEntry | undefined => {
  cursor.reset(text, start, end)
  const time = leadingTime(cursor)
  const textStart = cursor.at
  const head = heads.read(cursor)
  if (head === undefined) return undefined
  packet.reset()
  const hasAddresses = readPacketHead(cursor, head, packet)
  // The space behind the colon shows that the number in front of it is whole.
  if (!complete && !(hasAddresses && text.charCodeAt(cursor.at - 1) === space)) return undefined
  if (hasAddresses) readPacketBody(cursor, head, packet, complete)
  else readAddressless(cursor, packet)
  return {
    time,
    rule: head.rule,
    ruleset: head.ruleset,
    subrule: head.subrule,
    reason: head.reason,
    action: head.action,
    direction: head.direction,
    interface: head.interface,
    uid: packet.uid ?? head.uid,
    pid: packet.pid ?? head.pid,
    ridentifier: head.ridentifier,
    family: packet.family,
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    tcpFlags: packet.tcpFlags,
    fragment: packet.fragment,
    payloadLength: packet.payloadLength,
    text: text.substring(textStart, end)
  }
}

/**
 * Reads one line of `tcpdump -e` on pflog, whichever tcpdump wrote it and whatever stamped it (`leadingTime` lists the
 * stamps): an entry only if the whole of pf's head is there. Time and memory are linear in the line's length.
 *
 * @param line without its line end, one character a byte (latin1)
 */
export const decodeLine = (line: string): PfLogEntry | undefined => decodeStretch(line, 0, line.length, true)

/**
 * Reads what `tcpdump -e` writes of pflog, line by line.
 *
 * The last line, if nothing ended it, is an entry only where it is whole up to the colon behind the destination.
 */
export const makeTextDecoder = (): Decoder => {
  const splitter = new LineSplitter()
  let decoded: DecodedSink
  const lines: LineSink = {
    line: (text, start, end, complete) => {
      const entry = decodeStretch(text, start, end, complete)
      if (entry === undefined) decoded.other(text.substring(start, end))
      else decoded.entry(entry)
    },
    piece: (piece) => decoded.other(piece)
  }
  return {
    push: (bytes, sink) => {
      decoded = sink
      splitter.push(bytes, lines)
      return undefined
    },
    end: (sink) => {
      decoded = sink
      splitter.end(lines)
      return undefined
    }
  }
}
