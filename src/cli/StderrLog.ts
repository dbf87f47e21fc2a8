import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

const logger = Logger.make(({ message }) => {
  const lines = (Array.isArray(message) ? message : [message]).map(String).join(" ").trimEnd().split("\n")
  process.stderr.write(lines.map((line) => `pfasciilogd: ${line}\n`).join(""))
})

// A reader that has gone away (a pipe, a terminal) makes Node throw, and would end us, where nobody listens for the error.
const outliveReaders = Effect.sync(() => {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined)
})

/** Logs to stderr, a line a message, each under our name; stdout belongs to results. */
export const stderrLogger = Layer.merge(
  Logger.replace(Logger.defaultLogger, logger),
  Layer.effectDiscard(outliveReaders)
)

/** Tells why the program fails, and sets its exit status. */
export const reportFailure = (status: number, message: string): Effect.Effect<void> =>
  Effect.logError(message).pipe(
    Effect.zipRight(
      Effect.sync(() => {
        process.exitCode = status
      })
    )
  )
