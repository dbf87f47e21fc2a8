import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type Errno, explain } from "../host/Errno.ts"
import type { LogFileError } from "./AppendFile.ts"
import type { LineBuffer } from "./LineBuffer.ts"
import type { LogFile } from "./LogFile.ts"

/** What a writer needs of a log. */
export type WrittenLog = Pick<LogFile, "path" | "write">

/** What a writer reports. */
export interface WriterEvents {
  /** A write has put so many more bytes into the log. */
  readonly onWritten: (bytes: number) => void
  /** A write has failed, and the one before had not; the lines wait. */
  readonly onTrouble: (why: string) => Effect.Effect<void>
  readonly onRetry: Effect.Effect<void>
  /** A write has succeeded after failures. */
  readonly onRecovery: Effect.Effect<void>
}

/** Lets lines come together after a write: one large write costs less than several small ones. */
const gather = Effect.sleep(Duration.millis(4))

const retries = Schedule.exponential("100 millis").pipe(Schedule.union(Schedule.spaced(Duration.seconds(1))))

/** Writes the lines of the buffer to the log until the buffer is closed and empty; retries a write that fails. */
export const writeLog = (buffer: LineBuffer, log: WrittenLog, events: WriterEvents): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let block = yield* buffer.take; block !== undefined; block = yield* buffer.take) {
      yield* writeWithRetries(log, block.buffer.subarray(0, block.length), events)
      events.onWritten(block.length)
      buffer.release(block)
      if (!buffer.isClosed && !buffer.hasFullBlock) yield* gather
    }
  })

const writeWithRetries = (log: WrittenLog, lines: Uint8Array, events: WriterEvents): Effect.Effect<void> =>
  Effect.suspend(() => {
    let failures = 0
    return log.write(lines).pipe(
      Effect.tapError((error) => {
        failures += 1
        return failures === 1 ? events.onTrouble(reasonOf(log.path, error)) : events.onRetry
      }),
      Effect.retry(retries),
      Effect.orDie,
      Effect.zipRight(Effect.suspend(() => (failures === 0 ? Effect.void : events.onRecovery)))
    )
  })

const reasonOf = (path: string, error: Errno | LogFileError): string =>
  "_tag" in error ? error.message : `can't write to the log ${path}: ${explain(error)}.`
