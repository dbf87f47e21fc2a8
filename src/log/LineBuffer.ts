import type * as Effect from "effect/Effect"
import { BlockQueue, type QueuedBlock } from "./BlockQueue.ts"

/**
 * Whole lines, side by side as bytes. A block that `take` has given is the caller's until `release`: its bytes do not change, also
 * while a write of them is tried again. After `release` its memory holds other lines, so that nobody may keep a part of it.
 */
export type Block = QueuedBlock

/**
 * Lines that wait for the log, between the fiber that decodes and the one that writes. The buffer takes whatever is appended: the
 * caller that appends keeps its bound, by waiting for `room`.
 */
export class LineBuffer {
  readonly #queue: BlockQueue<Block>
  /** The oldest lines, as soon as there are any; nothing once the buffer is closed and empty. */
  readonly take: Effect.Effect<Block | undefined>

  /** @param bound how many bytes may wait before `room` makes its caller wait */
  constructor(bound: number) {
    this.#queue = new BlockQueue(bound)
    this.take = this.#queue.take
  }

  /** How many bytes wait, including those that are being written. */
  get size(): number {
    return this.#queue.size
  }

  /** Appends whole lines: text of printable ASCII, or a copy of its bytes. */
  append(lines: string | Uint8Array): void {
    if (lines.length === 0) return
    const block = this.#blockFor(lines.length)
    if (typeof lines === "string") block.buffer.write(lines, block.length, "latin1")
    else block.buffer.set(lines, block.length)
    block.length += lines.length
    this.#queue.added(lines.length)
  }

  /** Whether fewer bytes wait than the bound. */
  get hasRoom(): boolean {
    return this.#queue.hasRoom
  }

  /** Waits until fewer bytes wait than the bound. */
  get room(): Effect.Effect<void> {
    return this.#queue.room
  }

  /** Whether more than one block waits: all but the newest are full. */
  get hasFullBlock(): boolean {
    return this.#queue.blocks > 1
  }

  /** Whether the buffer is closed. */
  get isClosed(): boolean {
    return this.#queue.isClosed
  }

  /** Closes the buffer, to which nothing is appended any more: `take` gives the lines that are left, and then nothing. */
  close(): void {
    this.#queue.close()
  }

  /** Returns a block that `take` has given, once its lines are written. */
  release(block: Block): void {
    this.#queue.release(block)
  }

  #blockFor(length: number): Block {
    const { last } = this.#queue
    if (last !== undefined && last.length + length <= last.buffer.length) return last
    const block = { buffer: this.#queue.memory(length), length: 0 }
    this.#queue.push(block)
    return block
  }
}
