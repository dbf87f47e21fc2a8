import * as fs from "node:fs"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type Errno, explain, systemCall } from "./Errno.ts"

/**
 * A file that was to be read whole can't be.
 *
 * - `missing`: there is none
 * - `unsuitable`: it is no regular file, or far too large for what it should be
 * - `unreadable`: anything else
 */
export class SmallFileError extends Data.TaggedError("SmallFileError")<{
  readonly reason: "missing" | "unsuitable" | "unreadable"
  readonly path: string
  readonly why: string
}> {
  override get message(): string {
    return `${this.path}: ${this.why}`
  }
}

/** More than any file that a person writes for us. */
const mostBytes = 4 * 1024 * 1024

/**
 * Reads a file that a person has written. It never waits and never reads without end, as it would on a FIFO, a terminal or
 * /dev/zero under the file's name.
 */
export const readSmallFile = (path: string): Effect.Effect<Buffer, SmallFileError> =>
  Effect.acquireUseRelease(
    systemCall<number>((done) => fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK, done)),
    (descriptor) =>
      Effect.gen(function* () {
        const stats = yield* systemCall<fs.Stats>((done) => fs.fstat(descriptor, done))
        const unsuitable = (why: string) => new SmallFileError({ reason: "unsuitable", path, why })
        if (!stats.isFile()) return yield* unsuitable(`it is ${kindOf(stats)}, no regular file`)
        if (stats.size > mostBytes) return yield* unsuitable(`it has ${stats.size} bytes, more than ${mostBytes}`)
        return yield* systemCall<Buffer>((done) => fs.readFile(descriptor, done))
      }),
    (descriptor) => Effect.ignore(systemCall<void>((done) => fs.close(descriptor, done)))
  ).pipe(Effect.mapError((error) => (error instanceof SmallFileError ? error : failureOf(path, error))))

const failureOf = (path: string, error: Errno): SmallFileError =>
  new SmallFileError({
    reason: error.code === "ENOENT" ? "missing" : "unreadable",
    path,
    why: explain(error)
  })

const kindOf = (stats: fs.Stats): string => {
  if (stats.isDirectory()) return "a folder"
  if (stats.isFIFO()) return "a FIFO"
  return stats.isSocket() ? "a socket" : "a device"
}
