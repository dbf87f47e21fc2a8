import type { Lent } from "../Lent.ts"
import { lineFeed } from "./Cursor.ts"

/** Takes lines without their line feeds, each as a stretch of bytes. */
export interface LineSink {
  /**
   * One line, or the last, unfinished one where `complete` is false.
   *
   * @param printable whether all of the line is printable ASCII, from space to `~`
   */
  readonly line: (bytes: Lent<Buffer>, start: number, end: number, printable: boolean, complete: boolean) => void
  /** A piece of a line that is too long to be kept whole. */
  readonly piece: (piece: string) => void
}

/** The longest line that is kept whole, in bytes. */
export const longestLine = 16 * 1024 * 1024

/** How much room an unfinished line gets at first, and keeps after a long one. */
const usualRoom = 64 * 1024

const noWords = new Int32Array()

const space = 0x20
const tilde = 0x7e

/**
 * Splits bytes, in whatever chunks they come, at their line feeds and nowhere else.
 *
 * A line over the limit is handed on in pieces of exactly that length and a rest. The time is linear in the bytes, and no
 * more than one line, one chunk and the room to grow are held.
 */
export class LineSplitter {
  /** The unfinished line: its first `held` bytes. */
  private room = Buffer.allocUnsafe(usualRoom)
  private held = 0
  /** Whether pieces of the unfinished line are gone already. */
  private inPieces = false
  private readonly limit: number

  constructor(limit: number = longestLine) {
    this.limit = limit
  }

  /** Takes the next bytes and hands on the lines that they end. */
  push(bytes: Uint8Array, sink: LineSink): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let start = 0
    if (this.held > 0) {
      const end = chunk.indexOf(lineFeed)
      this.hold(chunk, 0, end < 0 ? chunk.length : end, sink)
      if (end < 0) return
      this.finish(true, sink)
      start = end + 1
    }
    this.hold(chunk, this.splitWhole(chunk, start, sink), chunk.length, sink)
  }

  /** The bytes have ended: hands on the unfinished line. */
  end(sink: LineSink): void {
    if (this.held > 0) this.finish(false, sink)
  }

  /**
   * Hands on the lines that lie wholly in a chunk; returns where the unfinished rest begins. Bytes outside printable
   * ASCII, a line feed among them, are looked at one by one, and the others eight at a time: the sum has the top bit of a byte
   * set exactly where that byte is not printable.
   */
  private splitWhole(chunk: Buffer, from: number, sink: LineSink): number {
    const firstWord = Math.min(chunk.length, from + ((4 - ((chunk.byteOffset + from) & 3)) & 3))
    const pairs = (chunk.length - firstWord) >> 3
    const words = pairs > 0 ? new Int32Array(chunk.buffer, chunk.byteOffset + firstWord, 2 * pairs) : noWords
    let start = from
    let printable = true
    let pair = 0
    let at = from
    let until = firstWord
    for (;;) {
      for (; at < until; at++) {
        const code = chunk[at] ?? 0
        if (code === lineFeed) {
          this.handOn(chunk, start, at, printable, sink)
          start = at + 1
          printable = true
        } else if (code < space || code > tilde) printable = false
      }
      while (pair < pairs && arePrintable(words[2 * pair] ?? 0, words[2 * pair + 1] ?? 0)) pair += 1
      if (pair > pairs) return start
      at = firstWord + 8 * pair
      until = pair < pairs ? at + 8 : chunk.length
      pair += 1
    }
  }

  private handOn(chunk: Buffer, start: number, end: number, printable: boolean, sink: LineSink): void {
    if (end - start <= this.limit) sink.line(chunk, start, end, printable, true)
    else
      for (let at = start; at < end; at += this.limit)
        sink.piece(chunk.toString("latin1", at, Math.min(end, at + this.limit)))
  }

  /** Keeps the next bytes of an unfinished line, and hands on what is over the limit. */
  private hold(chunk: Buffer, start: number, end: number, sink: LineSink): void {
    let from = start
    while (this.held + end - from > this.limit) {
      const fits = this.limit - this.held
      this.append(chunk, from, from + fits)
      from += fits
      sink.piece(this.room.toString("latin1", 0, this.held))
      this.held = 0
      this.inPieces = true
    }
    this.append(chunk, from, end)
  }

  private append(chunk: Buffer, start: number, end: number): void {
    const needed = this.held + end - start
    if (needed > this.room.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.room.length * 2))
      this.room.copy(larger, 0, 0, this.held)
      this.room = larger
    }
    chunk.copy(this.room, this.held, start, end)
    this.held = needed
  }

  private finish(complete: boolean, sink: LineSink): void {
    const { room, held, inPieces } = this
    this.held = 0
    this.inPieces = false
    if (room.length > usualRoom) this.room = Buffer.allocUnsafe(usualRoom)
    if (inPieces) sink.piece(room.toString("latin1", 0, held))
    else sink.line(room, 0, held, isPrintable(room, held), complete)
  }
}

/** Whether all of these eight bytes are printable ASCII. */
const arePrintable = (one: number, two: number): boolean =>
  (((one - 0x20202020) | one | (one + 0x01010101) | (two - 0x20202020) | two | (two + 0x01010101)) & 0x80808080) === 0

const isPrintable = (bytes: Buffer, length: number): boolean => {
  for (let at = 0; at < length; at++) {
    const code = bytes[at] ?? 0
    if (code < space || code > tilde) return false
  }
  return true
}
