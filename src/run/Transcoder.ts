import type { DecodedSink, DecodeProblem, Decoder } from "../decode/Decoder.ts"
import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import type { Format } from "../format/Format.ts"
import type { Output } from "../format/Output.ts"

/** What came out of a chunk: lines for the log, and what makes the rest of the capture unreadable, if anything does. */
export interface Transcoded {
  /** Whole lines; good until the next call. */
  readonly lines: Uint8Array
  readonly problem: DecodeProblem | undefined
}

/** Bytes of one capture in, lines of the log out: the plain synchronous middle of the pipeline, a chunk at a time. */
export interface Transcoder {
  /** All that these bytes complete. */
  readonly push: (bytes: Uint8Array) => Transcoded
  /** What was left unfinished when the capture ended. */
  readonly end: () => Transcoded
}

/** What the pipeline wants to know of each line that passes. */
export interface Tally {
  readonly entry: (entry: PfLogEntry) => void
  /** Told once for all that came together: when pf logged the last of these entries, where that one has a time. */
  readonly reached: (time: EpochMicros) => void
  readonly other: () => void
}

const noBytes = new Uint8Array()

/**
 * Joins a decoder and a format for one run of tcpdump.
 *
 * @param output where the lines are written; others may use it, too, between two calls
 * @param pid tcpdump's process number, under which lines that are no entries are told
 */
export const makeTranscoder = <Entry extends PfLogEntry>(
  decoder: Decoder<Entry>,
  format: Format<Entry>,
  output: Output,
  tally: Tally,
  pid: number,
  now: () => EpochMicros
): Transcoder => {
  let readAt: EpochMicros = 0
  const append = format.append ?? ((entry, at, to) => to.text(format.entry(entry, at)))
  let last: Entry | undefined
  const sink: DecodedSink<Entry> = {
    entry: (entry) => {
      last = entry
      tally.entry(entry)
      append(entry, readAt, output)
    },
    other: (message) => {
      tally.other()
      output.text(format.notice({ time: readAt, level: "info", process: "tcpdump", pid, message }))
    },
    notice: (message) =>
      output.text(format.notice({ time: readAt, level: "warning", process: "pfasciilogd", pid: process.pid, message }))
  }
  const collect = (bytes: Uint8Array, decode: (loaded: Uint8Array) => DecodeProblem | undefined): Transcoded => {
    readAt = now()
    const problem = decode(output.load(bytes))
    if (last?.time !== undefined) tally.reached(last.time)
    last = undefined
    return { lines: output.take(), problem }
  }
  return {
    push: (bytes) => collect(bytes, (loaded) => decoder.push(loaded, sink)),
    end: () => collect(noBytes, () => decoder.end(sink))
  }
}
