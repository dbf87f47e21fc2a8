const usualRoom = 512 * 1024

/**
 * Where formats write the lines of a chunk, as bytes. The chunk lies in the same memory (`load`), behind the room for the
 * lines, since copying within one buffer is what JavaScript does cheapest.
 */
export class Output {
  /** What was written: the first `length` bytes. */
  bytes: Buffer = Buffer.allocUnsafeSlow(usualRoom)
  length = 0
  /** Text that comes next; it is gathered, since each write of a string has its price. */
  private gathered = ""
  /** Where the room for lines ends. */
  private end = usualRoom

  /**
   * Forgets what was written, and takes a copy of the bytes that are to be decoded.
   *
   * @returns that copy; it is good until the next load
   */
  load(chunk: Uint8Array): Uint8Array {
    this.length = 0
    this.gathered = ""
    if (this.bytes.length !== usualRoom) this.bytes = Buffer.allocUnsafeSlow(usualRoom)
    const fits = chunk.length <= usualRoom / 3
    this.end = fits ? usualRoom - chunk.length : usualRoom
    if (!fits) return Buffer.from(chunk)
    this.bytes.set(chunk, this.end)
    return this.bytes.subarray(this.end)
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

  /** All that was written since the load; good until the next one. */
  take(): Buffer {
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
