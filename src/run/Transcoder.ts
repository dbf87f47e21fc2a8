import type { DecodedSink, DecodeProblem, Decoder } from "../decode/Decoder.ts"
import type { Lent } from "../decode/Lent.ts"
import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import type { Format } from "../format/Format.ts"
import type { ChunkMemory } from "./ChunkMemory.ts"

/** What came out of a chunk: lines for the log, and what makes the rest of the capture unreadable, if anything does. */
export interface Transcoded {
  /** Whole lines. */
  readonly lines: Lent<Uint8Array>
  readonly problem: DecodeProblem | undefined
}

/** Bytes of one capture in, lines of the log out: the plain synchronous middle of the pipeline, a chunk at a time. */
export interface Transcoder {
  /** All that these bytes complete. */
  readonly push: (bytes: Lent<Uint8Array>) => Transcoded
  /** What was left unfinished when the capture ended. */
  readonly end: () => Transcoded
}

/** Counts what passes. */
export interface Tally {
  readonly entry: (entry: Lent<PfLogEntry>) => void
  /** Called once for all entries of a chunk: when pf logged the last one that has a time, where one has. */
  readonly reached: (time: EpochMicros) => void
  readonly other: () => void
}

const noBytes = new Uint8Array()

/**
 * Joins a decoder and a format for one run of tcpdump.
 *
 * @param memory where chunks become lines; other transcoders may use it between two calls
 * @param pid tcpdump's process number, under which lines that are no entries are logged
 */
export const makeTranscoder = <Entry extends PfLogEntry>(
  decoder: Decoder<Entry>,
  format: Format<Entry>,
  memory: ChunkMemory,
  tally: Tally,
  pid: number,
  now: () => EpochMicros
): Transcoder => {
  const { lines } = memory
  const append = format.append ?? ((entry, at, to) => to.text(format.entry(entry, at)))
  // A property keeps a number in place; a variable would make an object of each.
  const times = { read: 0, lastEntry: Number.NaN }
  const sink: DecodedSink<Entry> = {
    entry: (entry) => {
      const { time } = entry
      if (time !== undefined) times.lastEntry = time
      tally.entry(entry)
      append(entry, times.read, lines)
    },
    other: (message) => {
      tally.other()
      lines.text(format.notice({ time: times.read, level: "info", process: "tcpdump", pid, message }))
    },
    notice: (message) =>
      lines.text(
        format.notice({ time: times.read, level: "warning", process: "pfasciilogd", pid: process.pid, message })
      )
  }
  const collect = (bytes: Uint8Array, decode: (loaded: Uint8Array) => DecodeProblem | undefined): Transcoded => {
    times.read = now()
    times.lastEntry = Number.NaN
    const problem = decode(memory.load(bytes))
    if (!Number.isNaN(times.lastEntry)) tally.reached(times.lastEntry)
    return { lines: lines.written(), problem }
  }
  return {
    push: (bytes) => collect(bytes, (loaded) => decoder.push(loaded, sink)),
    end: () => collect(noBytes, () => decoder.end(sink))
  }
}
