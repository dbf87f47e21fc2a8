import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { LogFileError } from "../log/AppendFile.ts"
import type { LineBuffer } from "../log/LineBuffer.ts"
import { type LogFile, type LogFileEvents, makeLogFile } from "../log/LogFile.ts"
import { holdLog } from "../log/LogLock.ts"
import { type WriterEvents, writeLog } from "../log/LogWriter.ts"
import type { Notices } from "./Notices.ts"
import * as Service from "./Services.ts"

/** A log that we write: held, open, with the lines that wait for it. */
export interface LogOutput {
  readonly path: string
  readonly buffer: LineBuffer
  readonly log: LogFile
  /** Why it can't be held against a second writer on this host, where that is so. */
  readonly notHeld: string | undefined
  /** How many bytes of lines are in no file yet. */
  readonly unwritten: () => number
}

/**
 * Holds and opens a log for as long as the scope is open.
 *
 * @param setting the setting that gives the path, as messages name it
 */
export const openOutput = (
  path: string,
  mode: number,
  buffer: LineBuffer,
  notices: Notices,
  setting: string
): Effect.Effect<LogOutput, LogFileError, Scope.Scope> =>
  Effect.gen(function* () {
    const notHeld = yield* holdLog(path, setting)
    const log = yield* makeLogFile(path, mode, logFileEvents(path, notices), setting)
    return { path, buffer, log, notHeld, unwritten: () => buffer.size - log.partlyWritten() }
  })

const logFileEvents = (path: string, notices: Notices): LogFileEvents => ({
  onStray: (error) =>
    notices.announce("error", `${error.message} The file in use, which lost this name, stays in use.`),
  onForeignEnd: notices.announce(
    "warning",
    `another process has emptied or changed ${path} while half a line stood at its end: that line is written anew, whole. ` +
      "What else was taken out of the file is not ours to keep."
  )
})

/** Closes the buffer and lets the writer finish; gives its lines up where the log can't be written for so long. */
export type Finish = (grace: Duration.Duration) => Effect.Effect<void>

/**
 * Writes what the buffer holds.
 *
 * @param onWritten takes how many bytes more are in the log
 */
export const startWriting = (
  { path, buffer, log }: LogOutput,
  onWritten: WriterEvents["onWritten"]
): Effect.Effect<Finish, never, Service.Counters | Service.Notices> =>
  Effect.gen(function* () {
    const counters = yield* Service.Counters
    const notices = yield* Service.Notices
    const retried = Effect.sync(() => {
      counters.writeRetries += 1
    })
    const events: WriterEvents = {
      onWritten,
      onTrouble: (why) =>
        Effect.zipRight(
          retried,
          notices.announce("error", `${why} The lines wait in memory, up to log.buffer; then reading stops.`)
        ),
      onRetry: retried,
      onRecovery: notices.announce("info", `${path} can be written again; no line that waited was lost.`)
    }
    const writer = yield* Effect.forkDaemon(writeLog(buffer, log, events))
    return (grace) =>
      Effect.gen(function* () {
        buffer.close()
        const written = yield* Effect.timeoutOption(Fiber.join(writer), grace)
        if (Option.isSome(written)) return
        // A write that hangs in the kernel can't be given up: it is left behind.
        const givenUp = Effect.zipRight(Fiber.interrupt(writer), log.giveUp)
        yield* Effect.timeoutOption(Effect.disconnect(givenUp), giveUpGrace)
      })
  })

/** How long a write that is on its way may take once its lines are given up. */
export const giveUpGrace = Duration.seconds(1)
