import * as Effect from "effect/Effect"
import { AddressSet } from "./AddressSet.ts"
import { type Records, splitByAddresses } from "./RecordSplitter.ts"

/** How much `take` gives at the most. */
export interface BatchLimit {
  readonly records: number
  readonly addresses: number
}

/** Records to be printed together, and the addresses in them. */
export interface Batch extends Records {
  readonly addresses: number
}

/**
 * Records on their way from the capture to the printers, so that the capture does not wait for the printing. Its bound is kept
 * by whoever appends, with `room`.
 */
export class RecordQueue {
  readonly #bound: number
  #waiting: Array<Records> = []
  readonly #filled = Effect.unsafeMakeLatch(false)
  readonly #roomy = Effect.unsafeMakeLatch(true)
  /** Those of the batch that is being taken. */
  readonly #addresses = new AddressSet()
  #size = 0
  #closed = false

  /** @param bound how many bytes may wait before `room` holds its caller back */
  constructor(bound: number) {
    this.#bound = bound
  }

  /** Appends records. */
  append(records: Records): void {
    this.#waiting.push(records)
    this.#size += records.bytes.length
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

  /** All that waits, up to the limit, as soon as there is some; nothing once the queue is closed and empty. */
  take(most: BatchLimit): Effect.Effect<Batch | undefined> {
    return Effect.suspend(() => {
      const taken = this.#takeNow(most)
      if (this.#waiting.length === 0 && !this.#closed) this.#filled.unsafeClose()
      return taken !== undefined || this.#closed
        ? Effect.succeed(taken)
        : Effect.flatMap(this.#filled.await, () => this.take(most))
    })
  }

  /** Makes room for others once records that `take` has given are printed. */
  release(records: Records): void {
    this.#size -= records.bytes.length
    if (this.#size < this.#bound) this.#roomy.unsafeOpen()
  }

  #takeNow(most: BatchLimit): Batch | undefined {
    const first = this.#waiting[0]
    if (first === undefined) return undefined
    const addresses = this.#addresses
    addresses.clear()
    const taken: Array<Records> = []
    for (let left = most.records; left > 0 && addresses.size < most.addresses; ) {
      const next = this.#waiting[0]
      if (next === undefined) break
      const [part, others] = splitByAddresses(next, left, addresses, most.addresses)
      taken.push(part)
      left -= part.count
      if (others === undefined) this.#waiting.shift()
      else this.#waiting[0] = others
    }
    return {
      file: first.file,
      bytes: taken.length === 1 ? (taken[0] ?? first).bytes : Buffer.concat(taken.map(({ bytes }) => bytes)),
      count: taken.reduce((sum, { count }) => sum + count, 0),
      addresses: addresses.size
    }
  }
}
