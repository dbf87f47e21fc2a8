import type { EpochMicros, PfLogEntry } from "./decode/PfLogEntry.ts"
import type { Tally } from "./Transcoder.ts"

/** What has happened since the start. */
export class Counters implements Tally {
  /** Lines of tcpdump that aren't entries. */
  unrecognised = 0
  rotations = 0
  restarts = 0
  writeRetries = 0
  lastEntry: EpochMicros | undefined
  readonly entriesByAction = new Map<string, number>()

  /** Counts an entry. */
  entry(entry: PfLogEntry): void {
    this.entriesByAction.set(entry.action, (this.entriesByAction.get(entry.action) ?? 0) + 1)
    this.lastEntry = entry.time
  }

  /** Counts a line that isn't one. */
  other(): void {
    this.unrecognised += 1
  }

  /** How many entries there were. */
  get entries(): number {
    let sum = 0
    for (const count of this.entriesByAction.values()) sum += count
    return sum
  }

  /** One sentence with all of them. */
  describe(): string {
    const byAction = [...this.entriesByAction].map(([action, count]) => `${count} ${action}`).join(", ")
    return (
      `${this.entries} entries${byAction === "" ? "" : ` (${byAction})`}, ${this.unrecognised} other lines of tcpdump, ` +
      `${this.rotations} rotations, ${this.restarts} restarts of tcpdump, ${this.writeRetries} retried writes`
    )
  }
}
