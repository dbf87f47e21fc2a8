import { BlockQueue, type QueuedBlock } from "./BlockQueue.ts"

/** Whole lines, side by side as bytes. */
export type Block = QueuedBlock

/** Lines that wait for the log, between the fiber that decodes and the one that writes. */
export class LineBuffer extends BlockQueue<Block> {
  /** Appends whole lines: text of printable ASCII, or a copy of its bytes. */
  append(lines: string | Uint8Array): void {
    if (lines.length === 0) return
    const block = this.#blockFor(lines.length)
    if (typeof lines === "string") block.buffer.write(lines, block.length, "latin1")
    else block.buffer.set(lines, block.length)
    block.length += lines.length
    this.added(lines.length)
  }

  /** Whether more than one block waits: all but the newest are full. */
  get hasFullBlock(): boolean {
    return this.blocks > 1
  }

  #blockFor(length: number): Block {
    const { last } = this
    if (last !== undefined && last.length + length <= last.buffer.length) return last
    const block = { buffer: this.memory(length), length: 0 }
    this.push(block)
    return block
  }
}
