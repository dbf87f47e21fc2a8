import * as Effect from "effect/Effect"
import type { Lent } from "../decode/Lent.ts"
import { type CaptureFile, firstRecords, type Records } from "./RecordSplitter.ts"

/**
 * So many records are printed together at the most: it bounds what is printed anew where a printer fails, and the lines that wait
 * until all of them are printed.
 */
export const mostRecords = 8192

/** What as many packets of usual length take, and any single one. */
const blockSize = 1024 * 1024
/** So many blocks are kept for use: as many as are printed at once, the one that is filled, and one more. */
const blocksKept = 6

interface Block {
  readonly file: CaptureFile
  readonly room: Buffer
  size: number
  count: number
}

/**
 * Records on their way from the capture to the printers, so that the capture does not wait for the printing. Its bound is kept
 * by whoever appends, with `room`.
 *
 * They lie in blocks that are used again: new ones, a hundred of them a second, would have V8 mark its whole heap for them.
 */
export class RecordQueue {
  readonly #bound: number
  readonly #waiting: Array<Block> = []
  readonly #spare: Array<Buffer> = []
  readonly #filled = Effect.unsafeMakeLatch(false)
  readonly #roomy = Effect.unsafeMakeLatch(true)
  #size = 0
  #closed = false

  /** @param bound how many bytes may wait before `room` holds its caller back */
  constructor(bound: number) {
    this.#bound = bound
  }

  /** Appends records, which are copied. */
  append(records: Lent<Records>): void {
    this.#size += records.bytes.length
    for (let left: Records | undefined = records; left !== undefined; ) {
      const block = this.#blockFor(left.file)
      const [first, others] = firstRecords(left, mostRecords - block.count, block.room.length - block.size)
      if (first !== undefined) {
        block.room.set(first.bytes, block.size)
        block.size += first.bytes.length
        block.count += first.count
      }
      if (others !== undefined) this.#waiting.push(this.#newBlock(left.file))
      left = others
    }
    if (this.#size >= this.#bound) this.#roomy.unsafeClose()
    this.#filled.unsafeOpen()
  }

  /** Whether less waits than the bound, what is being printed included. */
  get hasRoom(): boolean {
    return this.#size < this.#bound
  }

  /** Waits until less waits than the bound. */
  get room(): Effect.Effect<void> {
    return this.#roomy.await
  }

  /** Nothing will be appended any more: `take` gives what is left, and then nothing. */
  close(): void {
    this.#closed = true
    this.#filled.unsafeOpen()
  }

  /** All that waits, `mostRecords` at the most, as soon as there is some; nothing once the queue is closed and empty. */
  readonly take: Effect.Effect<Records | undefined> = Effect.suspend(() => {
    const block = this.#waiting.shift()
    if (this.#waiting.length === 0 && !this.#closed) this.#filled.unsafeClose()
    if (block !== undefined) {
      return Effect.succeed({ file: block.file, bytes: block.room.subarray(0, block.size), count: block.count })
    }
    return this.#closed ? Effect.succeed(undefined) : Effect.flatMap(this.#filled.await, () => this.take)
  })

  /** Takes records back that `take` has given, once they are printed: it makes room for others, where they are. */
  release(records: Records): void {
    this.#size -= records.bytes.length
    if (this.#spare.length < blocksKept) this.#spare.push(Buffer.from(records.bytes.buffer))
    if (this.#size < this.#bound) this.#roomy.unsafeOpen()
  }

  #blockFor(file: CaptureFile): Block {
    const last = this.#waiting.at(-1)
    if (last?.file === file) return last
    const block = this.#newBlock(file)
    this.#waiting.push(block)
    return block
  }

  #newBlock(file: CaptureFile): Block {
    return { file, room: this.#spare.pop() ?? Buffer.allocUnsafeSlow(blockSize), size: 0, count: 0 }
  }
}
