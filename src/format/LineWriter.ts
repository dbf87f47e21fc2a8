import type { Lent } from "../decode/Lent.ts"

/** How large the room for lines is by default, in bytes. */
const usualRoom = 512 * 1024

/** Where formats write the lines of a chunk, as bytes. */
export class LineWriter {
  /** What was written: the first `length` bytes. */
  bytes: Buffer
  length = 0
  /** Text that comes next; it is gathered, since each write of a string leaves JavaScript. */
  private gathered = ""
  /** Where the room for lines ends. */
  private end: number

  constructor(room: Buffer = Buffer.allocUnsafeSlow(usualRoom)) {
    this.bytes = room
    this.end = room.length
  }

  /**
   * Forgets what was written, and begins anew.
   *
   * @param room where it writes from now on, as far as `end`; lines that need more get other room
   */
  restart(room: Buffer, end: number): void {
    this.bytes = room
    this.end = end
    this.length = 0
    this.gathered = ""
  }

  /** Appends text of ASCII. */
  text(text: string): void {
    this.gathered += text
  }

  /** Makes room for so many bytes more, which the caller then writes behind `length`. */
  reserve(count: number): void {
    if (this.gathered !== "") this.flush()
    if (this.length + count > this.end) this.grow(count)
  }

  /** Appends bytes that lie in `source`. */
  copy(source: Buffer, start: number, end: number): void {
    this.reserve(end - start)
    if (source.buffer === this.bytes.buffer) {
      const offset = source.byteOffset - this.bytes.byteOffset
      this.bytes.copyWithin(this.length, offset + start, offset + end)
    } else {
      source.copy(this.bytes, this.length, start, end)
    }
    this.length += end - start
  }

  /** Appends one byte. */
  byte(code: number): void {
    this.reserve(1)
    this.bytes[this.length] = code
    this.length += 1
  }

  /** All that was written since the start. */
  written(): Lent<Buffer> {
    if (this.gathered !== "") this.flush()
    return this.bytes.subarray(0, this.length)
  }

  private flush(): void {
    const text = this.gathered
    this.gathered = ""
    this.reserve(text.length)
    this.length += this.bytes.write(text, this.length, "latin1")
  }

  private grow(count: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.length + count))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
    this.end = larger.length
  }
}
