import * as Effect from "effect/Effect"

/** Memory that is used again, and how much of it is in use. */
export interface QueuedBlock {
  readonly buffer: Buffer
  /** How many bytes of the buffer are in use. */
  length: number
}

const blockSize = 1024 * 1024
/** How many released blocks are kept for use. In a flood some are always waiting; new ones would make V8 mark its whole heap. */
const blocksKept = 8

/**
 * Blocks of bytes on their way from one fiber to another. The queue takes whatever is put into it: whoever does so keeps its bound, by
 * waiting for `room`. A block that `take` has given is the caller's until `release`: its bytes do not change. Afterwards its memory
 * holds other bytes, so that nobody may keep a part of it. What is put into it, and how, is for those to say who extend it.
 */
export abstract class BlockQueue<Block extends QueuedBlock> {
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

  /** How many bytes wait, including those of blocks that are not released yet. */
  get size(): number {
    return this.#size
  }

  /** Whether fewer bytes wait than the bound. */
  get hasRoom(): boolean {
    return this.#size < this.#bound
  }

  /** Waits until fewer bytes wait than the bound. */
  get room(): Effect.Effect<void> {
    return this.#roomy.await
  }

  /** How many blocks wait. */
  protected get blocks(): number {
    return this.#waiting.length
  }

  /** The block that was pushed last, while it waits: more may be put into it. */
  protected get last(): Block | undefined {
    return this.#waiting.at(-1)
  }

  /** Memory for a new block, of so many bytes or more. */
  protected memory(bytes: number): Buffer {
    if (bytes > blockSize) return Buffer.allocUnsafeSlow(bytes)
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(blockSize)
  }

  /** Puts a block behind the others. */
  protected push(block: Block): void {
    this.#waiting.push(block)
  }

  /** Notes that so many bytes were put into the last blocks. */
  protected added(bytes: number): void {
    this.#size += bytes
    if (this.#size >= this.#bound) this.#roomy.unsafeClose()
    this.#filled.unsafeOpen()
  }

  /** Whether it is closed. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Nothing will be added any more: `take` gives what is left, and then nothing. */
  close(): void {
    this.#closed = true
    this.#filled.unsafeOpen()
  }

  /** The oldest block, as soon as there is any; nothing once the queue is closed and empty. */
  readonly take: Effect.Effect<Block | undefined> = Effect.suspend(() => {
    const block = this.#waiting.shift()
    if (this.#waiting.length === 0 && !this.#closed) this.#filled.unsafeClose()
    return block !== undefined || this.#closed
      ? Effect.succeed(block)
      : Effect.flatMap(this.#filled.await, () => this.take)
  })

  /** Returns a block that `take` has given. */
  release({ buffer, length }: QueuedBlock): void {
    this.#size -= length
    if (this.#size < this.#bound) this.#roomy.unsafeOpen()
    if (buffer.length === blockSize && this.#spare.length < blocksKept) this.#spare.push(buffer)
  }
}
