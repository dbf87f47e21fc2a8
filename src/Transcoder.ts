import type { DecodedSink, DecodeProblem, Decoder } from "./decode/Decoder.ts"
import type { EpochMicros, PfLogEntry } from "./decode/PfLogEntry.ts"
import type { Format } from "./format/Format.ts"

/** What came out of a chunk: lines for the log, and what makes the rest of the capture unreadable, if anything does. */
export interface Transcoded {
  readonly lines: string
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
  readonly other: () => void
}

/**
 * Joins a decoder and a format for one run of tcpdump.
 *
 * @param pid tcpdump's process number, under which lines that are no entries are told
 */
export const makeTranscoder = <Entry extends PfLogEntry>(
  decoder: Decoder<Entry>,
  format: Format<Entry>,
  tally: Tally,
  pid: number,
  now: () => EpochMicros
): Transcoder => {
  let lines = ""
  let readAt: EpochMicros = 0
  const sink: DecodedSink<Entry> = {
    entry: (entry) => {
      tally.entry(entry)
      lines += format.entry(entry, readAt)
    },
    other: (message) => {
      tally.other()
      lines += format.notice({ time: readAt, level: "info", process: "tcpdump", pid, message })
    }
  }
  const collect = (decode: () => DecodeProblem | undefined): Transcoded => {
    lines = ""
    readAt = now()
    const problem = decode()
    return { lines, problem }
  }
  return {
    push: (bytes) => collect(() => decoder.push(bytes, sink)),
    end: () => collect(() => decoder.end(sink))
  }
}
