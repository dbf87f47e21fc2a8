import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Errno } from "../host/Errno.ts"
import { type AppendFile, append, cutOff, endTornLine, hasSomeName, type LogFileError, readTail } from "./AppendFile.ts"

/** Lines that are being written, and how far. */
export interface Progress {
  readonly lines: Uint8Array
  written: number
}

const lineFeed = 0x0a

/** Where the line begins that was written in part; `written` itself where that is between two lines. */
export const startOfTornLine = ({ lines, written }: Progress): number =>
  written === 0 ? 0 : lines.lastIndexOf(lineFeed, written - 1) + 1

const hasTornLine = (progress: Progress): boolean => startOfTornLine(progress) < progress.written

/**
 * Writes what is left, up to `end`.
 *
 * @param onForeignEnd told where the file no longer ends in our half line, which is then written anew from its beginning
 */
export const writeRest = (
  file: AppendFile,
  progress: Progress,
  end: number,
  onForeignEnd: Effect.Effect<void>
): Effect.Effect<void, Errno | LogFileError> =>
  Effect.gen(function* () {
    while (progress.written < end) {
      if (hasTornLine(progress) && !(yield* endsInOurHalf(file, progress))) {
        yield* startLineAnew(file, progress)
        yield* onForeignEnd
      }
      progress.written += yield* append(file.descriptor, progress.lines, progress.written, end)
    }
  })

const halfOf = (progress: Progress): Uint8Array => progress.lines.subarray(startOfTornLine(progress), progress.written)

/** Whether the file still ends in the half line that we wrote: somebody may have emptied it, or appended to it, since. */
const endsInOurHalf = ({ descriptor }: AppendFile, progress: Progress): Effect.Effect<boolean, Errno> => {
  const half = halfOf(progress)
  return Effect.map(readTail(descriptor, half.length), (tail) => tail.equals(half))
}

/** Whatever the file ends in now: the line that it held a half of will begin on a line of its own. */
const startLineAnew = (file: AppendFile, progress: Progress): Effect.Effect<void, Errno | LogFileError> =>
  Effect.gen(function* () {
    const half = Buffer.from(halfOf(progress))
    const tail = yield* readTail(file.descriptor, half.length)
    const last = tail.subarray(tail.lastIndexOf(lineFeed) + 1)
    // Somebody may have cut the file within our half, too.
    const isOurs = last.length > 0 && half.indexOf(last) === 0
    yield* isOurs ? cutOff(file.descriptor, last.length) : endTornLine(file)
    progress.written = startOfTornLine(progress)
  })

/**
 * Sees to it that no line is split over two files: the line that the old one holds a part of is completed there or, where
 * the disk doesn't allow it or nobody could read it there, taken out of it, to be written whole to the new one.
 */
export const finishLine = (old: AppendFile, progress: Progress): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (!hasTornLine(progress)) return
    const end = progress.lines.indexOf(lineFeed, progress.written) + 1
    const canFinish = (yield* hasSomeName(old)) && (yield* endsInOurHalf(old, progress))
    if (canFinish && Either.isRight(yield* Effect.either(writeRest(old, progress, end, Effect.void)))) return
    yield* takeOut(old, progress)
  }).pipe(Effect.catchAll(() => takeOut(old, progress)))

/** Takes the half of a line out of the file, where the file still ends in it. */
export const takeOut = (file: AppendFile, progress: Progress): Effect.Effect<void> =>
  Effect.gen(function* () {
    const start = startOfTornLine(progress)
    const torn = progress.written - start
    const isOurs = torn > 0 && (yield* endsInOurHalf(file, progress))
    progress.written = start
    if (isOurs) yield* cutOff(file.descriptor, torn)
  }).pipe(Effect.ignore)
