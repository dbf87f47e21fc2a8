import * as Effect from "effect/Effect"

/**
 * Whole lines, side by side as bytes. A block that `take` has given is the caller's until `release`: its bytes do not change, also
 * while a write of them is tried again. After `release` its memory holds other lines, so that nobody may keep a part of it.
 */
export interface Block {
  readonly buffer: Buffer
  /** How many bytes of the buffer are lines. */
  length: number
}

const blockSize = 1024 * 1024
/** How many released blocks are kept for use. In a flood some are always waiting; new ones would make V8 mark its whole heap. */
const blocksKept = 8

/**
 * Lines that wait for the log, between the fiber that decodes and the one that writes. The buffer takes whatever is appended: the
 * caller that appends keeps its bound, by waiting for `room`.
 */
export class LineBuffer {
  readonly #bound: number
  readonly #waiting: Array<Block> = []
  readonly #spare: Array<Buffer> = []
  readonly #filled = Effect.unsafeMakeLatch(false)
  readonly #roomy = Effect.unsafeMakeLatch(true)
  #size = 0
  #closed = false

  /** @param bound how many bytes may wait before `room` makes its caller wait */
  constructor(bound: number) {
    this.#bound = bound
  }

  /** How many bytes wait, including those that are being written. */
  get size(): number {
    return this.#size
  }

  /** Appends whole lines: text of printable ASCII, or a copy of its bytes. */
  append(lines: string | Uint8Array): void {
    if (lines.length === 0) return
    const block = this.#blockFor(lines.length)
    if (typeof lines === "string") block.buffer.write(lines, block.length, "latin1")
    else block.buffer.set(lines, block.length)
    block.length += lines.length
    this.#size += lines.length
    if (this.#size >= this.#bound) this.#roomy.unsafeClose()
    this.#filled.unsafeOpen()
  }

  /** Whether fewer bytes wait than the bound. */
  get hasRoom(): boolean {
    return this.#size < this.#bound
  }

  /** Waits until fewer bytes wait than the bound. */
  get room(): Effect.Effect<void> {
    return this.#roomy.await
  }

  /** Whether more than one block waits: all but the newest are full. */
  get hasFullBlock(): boolean {
    return this.#waiting.length > 1
  }

  /** Whether the buffer is closed. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Closes the buffer, to which nothing is appended any more: `take` gives the lines that are left, and then nothing. */
  close(): void {
    this.#closed = true
    this.#filled.unsafeOpen()
  }

  /** The oldest lines, as soon as there are any; nothing once the buffer is closed and empty. */
  readonly take: Effect.Effect<Block | undefined> = Effect.suspend(() => {
    const block = this.#waiting.shift()
    if (this.#waiting.length === 0 && !this.#closed) this.#filled.unsafeClose()
    return block !== undefined || this.#closed
      ? Effect.succeed(block)
      : Effect.flatMap(this.#filled.await, () => this.take)
  })

  /** Returns a block that `take` has given, once its lines are written. */
  release(block: Block): void {
    this.#size -= block.length
    if (this.#size < this.#bound) this.#roomy.unsafeOpen()
    if (block.buffer.length === blockSize && this.#spare.length < blocksKept) this.#spare.push(block.buffer)
  }

  #blockFor(length: number): Block {
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.length + length <= last.buffer.length) return last
    const buffer =
      length > blockSize ? Buffer.allocUnsafeSlow(length) : (this.#spare.pop() ?? Buffer.allocUnsafeSlow(blockSize))
    const block = { buffer, length: 0 }
    this.#waiting.push(block)
    return block
  }
}
