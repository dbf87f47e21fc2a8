import * as Effect from "effect/Effect"
import type { Lent } from "../decode/Lent.ts"
import { BlockQueue, type QueuedBlock } from "../log/BlockQueue.ts"
import { type CaptureFile, firstRecords, type Records } from "./RecordSplitter.ts"

/**
 * So many records are printed together at the most: it bounds what is printed anew where a printer fails, and the lines that wait
 * until all of them are printed. A block of memory has room for as many packets of usual length, and for any single one.
 */
export const mostRecords = 8192

interface Block extends QueuedBlock {
  readonly file: CaptureFile
  count: number
}

/** Records to be printed together, in a block that is the queue's. */
export interface Batch extends Records {
  readonly block: QueuedBlock
}

/**
 * Records on their way from the capture to the printers, so that the capture does not wait for the printing. Its bound is kept
 * by whoever appends, with `room`.
 */
export class RecordQueue {
  readonly #queue: BlockQueue<Block>

  /** @param bound how many bytes may wait before `room` holds its caller back */
  constructor(bound: number) {
    this.#queue = new BlockQueue(bound)
  }

  /** Appends records, which are copied. */
  append(records: Lent<Records>): void {
    for (let left: Records | undefined = records; left !== undefined; ) {
      const block = this.#blockFor(left.file)
      const [first, others] = firstRecords(left, mostRecords - block.count, block.buffer.length - block.length)
      if (first !== undefined) {
        block.buffer.set(first.bytes, block.length)
        block.length += first.bytes.length
        block.count += first.count
      }
      if (others !== undefined) this.#pushBlock(left.file)
      left = others
    }
    this.#queue.added(records.bytes.length)
  }

  /** Whether less waits than the bound, what is being printed included. */
  get hasRoom(): boolean {
    return this.#queue.hasRoom
  }

  /** Waits until less waits than the bound. */
  get room(): Effect.Effect<void> {
    return this.#queue.room
  }

  /** Nothing will be appended any more: `take` gives what is left, and then nothing. */
  close(): void {
    this.#queue.close()
  }

  /** All that waits, `mostRecords` at the most, as soon as there is some; nothing once the queue is closed and empty. */
  get take(): Effect.Effect<Batch | undefined> {
    return Effect.map(this.#queue.take, (block) =>
      block === undefined
        ? undefined
        : { file: block.file, bytes: block.buffer.subarray(0, block.length), count: block.count, block }
    )
  }

  /** Takes a batch back once it is printed: it makes room for others, where it was. */
  release({ block }: Batch): void {
    this.#queue.release(block)
  }

  #blockFor(file: CaptureFile): Block {
    const { last } = this.#queue
    return last?.file === file ? last : this.#pushBlock(file)
  }

  #pushBlock(file: CaptureFile): Block {
    const block = { file, buffer: this.#queue.memory(0), length: 0, count: 0 }
    this.#queue.push(block)
    return block
  }
}
