import type { KernelStatistics } from "../capture/Statistics.ts"
import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import type { Tally } from "./Transcoder.ts"

interface ActionCounter {
  readonly action: string
  count: number
}

/** What has happened since the start. */
export class Counters implements Tally {
  /** Lines of tcpdump that are no entries. */
  unrecognised = 0
  /** Bytes appended to the log, notices included. */
  bytes = 0
  rotations = 0
  /** Starts of tcpdump after the first. */
  restarts = 0
  writeRetries = 0
  /** Printing tcpdumps that have failed, and were replaced. */
  printerFailures = 0
  /** Entries in the words of the packet decoder, since no tcpdump has printed them. */
  ownWords = 0
  /** Scans in the second log. */
  scans = 0
  /** Scans whose source is on the never-ban list, or has a host of it. */
  scansSpared = 0
  /** Scans that were found before the never-ban list was known, and could not wait. */
  scansGivenUp = 0
  /** How many sources the scan detector has dropped for want of room while they still counted; nothing without a second log. */
  forgottenSources: (() => number) | undefined
  /** The packet's own time of the last entry. */
  lastEntry: EpochMicros | undefined
  /** What the kernel had and dropped, as the tcpdumps before the current one said at their ends. */
  #before: KernelStatistics = { received: 0, dropped: 0 }
  #current: KernelStatistics = { received: 0, dropped: 0 }
  readonly #byAction = new Map<string, ActionCounter>()
  /** That of the last entry: the next one most often has the same action. */
  #lastCounter: ActionCounter | undefined

  /** Counts an entry. */
  entry({ action }: PfLogEntry): void {
    const counter = this.#lastCounter?.action === action ? this.#lastCounter : this.#counterOf(action)
    counter.count += 1
    this.#lastCounter = counter
  }

  /** Takes the time of the last entry so far. */
  reached(time: EpochMicros): void {
    this.lastEntry = time
  }

  /** Counts a line that is no entry. */
  other(): void {
    this.unrecognised += 1
  }

  /** A new tcpdump counts from 0. */
  nextCapture(): void {
    this.#before = this.kernel
    this.#current = { received: 0, dropped: 0 }
  }

  /** Takes the statistics of the current tcpdump; returns how many packets more than before the kernel has dropped. */
  kernelTold(statistics: KernelStatistics): number {
    const more = statistics.dropped - this.#current.dropped
    this.#current = statistics
    return more
  }

  /** What the kernel had for us and what it dropped, in all. */
  get kernel(): KernelStatistics {
    return {
      received: this.#before.received + this.#current.received,
      dropped: this.#before.dropped + this.#current.dropped
    }
  }

  /** How many entries there were of each action. */
  get entriesByAction(): ReadonlyArray<readonly [action: string, count: number]> {
    return [...this.#byAction].map(([action, { count }]) => [action, count])
  }

  /** How many entries there were. */
  get entries(): number {
    return this.entriesByAction.reduce((sum, [, count]) => sum + count, 0)
  }

  /** One sentence with all of them, and with so many bytes written. */
  describe(bytes = this.bytes): string {
    const byAction = this.entriesByAction.map(([action, count]) => `${count} ${action}`).join(", ")
    const last = this.lastEntry === undefined ? "" : `; last entry of ${new Date(this.lastEntry / 1000).toISOString()}`
    return (
      `${this.entries} entries${byAction === "" ? "" : ` (${byAction})`}, ${this.unrecognised} other lines of tcpdump, ` +
      `${bytes} bytes written, ${this.rotations} rotations, ${this.restarts} restarts of tcpdump, ` +
      `${this.writeRetries} retried writes, ${this.kernel.dropped} packets dropped by the kernel` +
      `${this.#describePrinters()}${this.#describeScans()}${last}`
    )
  }

  #describePrinters(): string {
    if (this.printerFailures === 0 && this.ownWords === 0) return ""
    return `, ${this.printerFailures} failures of printing tcpdumps, ${this.ownWords} packets that none has printed`
  }

  #describeScans(): string {
    if (this.forgottenSources === undefined) return ""
    return `, ${this.scans} scans named, ${this.scansSpared} of the never-ban list, ${this.forgottenSources()} sources forgotten`
  }

  #counterOf(action: string): ActionCounter {
    const known = this.#byAction.get(action)
    if (known !== undefined) return known
    const counter = { action, count: 0 }
    this.#byAction.set(action, counter)
    return counter
  }
}
