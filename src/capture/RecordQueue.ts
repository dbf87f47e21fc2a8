import type { Lent } from "../decode/Lent.ts"
import { BlockQueue, type QueuedBlock } from "../log/BlockQueue.ts"
import { type CaptureFile, firstRecords, type Records } from "./RecordSplitter.ts"

/**
 * So many records are printed together at the most: it bounds what is printed anew where a printer fails, and the lines that wait
 * until all of them are printed. A block of memory has room for as many packets of usual length, and for any single one.
 */
export const mostRecords = 8192

/** Records to be printed together, in a block that is the queue's. */
export class Batch implements QueuedBlock, Records {
  readonly file: CaptureFile
  readonly buffer: Buffer
  length = 0
  count = 0

  constructor(file: CaptureFile, buffer: Buffer) {
    this.file = file
    this.buffer = buffer
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length)
  }
}

/** Records on their way from the capture to the printers, so that the capture does not wait for the printing. */
export class RecordQueue extends BlockQueue<Batch> {
  /** Appends records, which are copied. */
  append(records: Lent<Records>): void {
    for (let left: Records | undefined = records; left !== undefined; ) {
      const batch = this.#batchFor(left.file)
      const [first, others] = firstRecords(left, mostRecords - batch.count, batch.buffer.length - batch.length)
      if (first !== undefined) {
        batch.buffer.set(first.bytes, batch.length)
        batch.length += first.bytes.length
        batch.count += first.count
      }
      if (others !== undefined) this.#pushBatch(left.file)
      left = others
    }
    this.added(records.bytes.length)
  }

  #batchFor(file: CaptureFile): Batch {
    const { last } = this
    return last?.file === file ? last : this.#pushBatch(file)
  }

  #pushBatch(file: CaptureFile): Batch {
    const batch = new Batch(file, this.memory(0))
    this.push(batch)
    return batch
  }
}
