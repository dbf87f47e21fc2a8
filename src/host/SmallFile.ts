import * as fs from "node:fs"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type Errno, explain, systemCall } from "./Errno.ts"

/**
 * A small file can't be read.
 *
 * - `missing`: it does not exist
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

/** Whether a symbolic link under the file's name is followed, or an error. */
export type Links = "follow" | "refuse"

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants

/** Reads a whole file that a person has written, as `readStart` does; one that is far too large is refused. */
export const readSmallFile = (path: string, links?: Links): Effect.Effect<Buffer, SmallFileError> =>
  readStart(path, mostBytes + 1, links).pipe(
    Effect.filterOrFail(
      ({ length }) => length <= mostBytes,
      () => new SmallFileError({ reason: "unsuitable", path, why: `it has more than ${mostBytes} bytes` })
    )
  )

/**
 * Reads the first bytes of a regular file. It never waits and never reads without end, as it would on a FIFO, a terminal or
 * /dev/zero under the file's name.
 *
 * @param most how many bytes are read at most
 */
export const readStart = (path: string, most: number, links: Links = "follow"): Effect.Effect<Buffer, SmallFileError> =>
  Effect.acquireUseRelease(
    systemCall<number>((done) => fs.open(path, O_RDONLY | O_NONBLOCK | (links === "refuse" ? O_NOFOLLOW : 0), done)),
    (descriptor) =>
      Effect.gen(function* () {
        const stats = yield* systemCall<fs.Stats>((done) => fs.fstat(descriptor, done))
        if (stats.isFile()) return yield* readBytes(descriptor, most)
        return yield* new SmallFileError({ reason: "unsuitable", path, why: `it is ${kindOf(stats)}, no regular file` })
      }),
    (descriptor) => Effect.ignore(systemCall<void>((done) => fs.close(descriptor, done)))
  ).pipe(Effect.mapError((error) => (error instanceof SmallFileError ? error : failureOf(path, error))))

const chunkLength = 64 * 1024

/** Reads an open regular file from its beginning, at most so many bytes. */
export const readBytes = (descriptor: number, most: number): Effect.Effect<Buffer, Errno> =>
  Effect.gen(function* () {
    const chunks: Array<Buffer> = []
    let length = 0
    while (length < most) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkLength, most - length))
      const count = yield* systemCall<number>((done) => fs.read(descriptor, chunk, 0, chunk.length, length, done))
      if (count === 0) break
      chunks.push(chunk.subarray(0, count))
      length += count
    }
    return Buffer.concat(chunks, length)
  })

const failureOf = (path: string, error: Errno): SmallFileError =>
  new SmallFileError({ reason: error.code === "ENOENT" ? "missing" : "unreadable", path, why: explain(error) })

const kindOf = (stats: fs.Stats): string => {
  if (stats.isDirectory()) return "a folder"
  if (stats.isFIFO()) return "a FIFO"
  return stats.isSocket() ? "a socket" : "a device"
}
