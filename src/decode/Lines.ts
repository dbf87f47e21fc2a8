import { lineFeed } from "./Cursor.ts"

/** Takes a stretch of a text: one line, without its line feed. */
export interface LineSink {
  /** One line, or the last, unfinished one where `complete` is false. */
  readonly line: (text: string, start: number, end: number, complete: boolean) => void
  /** A piece of a line that is too long to be kept whole. */
  readonly piece: (piece: string) => void
}

/** The longest line that is kept whole, in bytes. */
export const longestLine = 16 * 1024 * 1024

/** How much room an unfinished line gets at first, and keeps after a long one. */
const usualRoom = 64 * 1024

/**
 * Splits bytes, in whatever chunks they come, at their line feeds and nowhere else; a byte becomes one character (latin1).
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
      if (end >= 0) {
        this.hold(chunk, 0, end, sink)
        this.finish(true, sink)
        start = end + 1
      }
    }
    const lastEnd = chunk.lastIndexOf(lineFeed)
    if (lastEnd >= start) {
      this.splitWhole(chunk.toString("latin1", start, lastEnd), sink)
      start = lastEnd + 1
    }
    if (start < chunk.length) this.hold(chunk, start, chunk.length, sink)
  }

  /** The bytes have ended: hands on the unfinished line. */
  end(sink: LineSink): void {
    if (this.held > 0) this.finish(false, sink)
  }

  /** Hands on lines that lie wholly in one text, parted by line feeds. */
  private splitWhole(text: string, sink: LineSink): void {
    let start = 0
    for (;;) {
      const found = text.indexOf("\n", start)
      const end = found < 0 ? text.length : found
      if (end - start <= this.limit) sink.line(text, start, end, true)
      else
        for (let at = start; at < end; at += this.limit) sink.piece(text.substring(at, Math.min(end, at + this.limit)))
      if (found < 0) return
      start = end + 1
    }
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
    const line = this.room.toString("latin1", 0, this.held)
    const isPiece = this.inPieces
    this.held = 0
    this.inPieces = false
    if (this.room.length > usualRoom) this.room = Buffer.allocUnsafe(usualRoom)
    if (!isPiece) sink.line(line, 0, line.length, complete)
    else sink.piece(line)
  }
}
