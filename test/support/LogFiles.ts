import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { type LogFileEvents, makeLogFile } from "../../src/log/LogFile.ts"
import { temporaryFolder } from "./Descriptors.ts"

/** A text of one byte a character. */
export const bytes = (text: string): Buffer => Buffer.from(text, "latin1")

/** The content of a log. */
export const textOf = (file: string): string => fs.readFileSync(file, "latin1")

/** Ignores what a log file reports. */
export const noEvents: LogFileEvents = { onStray: () => Effect.void, onForeignEnd: Effect.void }

/** A log in a folder of its own. */
export const newLog = Effect.gen(function* () {
  const file = path.join(yield* temporaryFolder, "pf.log")
  return { file, log: yield* makeLogFile(file, 0o640, noEvents) }
})
