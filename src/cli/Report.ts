import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"

/** Logs to stderr, a line a message, each under our name; stdout belongs to results. */
export const stderrLogger = Logger.replace(
  Logger.defaultLogger,
  Logger.make(({ message }) => {
    const lines = (Array.isArray(message) ? message : [message]).map(String).join(" ").trimEnd().split("\n")
    process.stderr.write(lines.map((line) => `pfasciilogd: ${line}\n`).join(""))
  })
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
