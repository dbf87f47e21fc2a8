import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Errno } from "../host/Errno.ts"
import { type AppendFile, append, cutOff, endTornLine, hasSomeName, type LogFileError, readTail } from "./AppendFile.ts"

/**
 * Lines that are being written, and how far the write has come: a full disk or a limit may end it within a line, which is then
 * torn. The bytes of `lines` must not change until all are written or given up.
 */
export interface PartialWrite {
  readonly lines: Uint8Array
  /** How many of the bytes are in the file. */
  written: number
}

const lineFeed = 0x0a

/** Where the torn line begins; the same as `written` where the write stopped between two lines. */
export const startOfTornLine = ({ lines, written }: PartialWrite): number =>
  written === 0 ? 0 : lines.lastIndexOf(lineFeed, written - 1) + 1

const hasTornLine = (write: PartialWrite): boolean => startOfTornLine(write) < write.written

/** The part of the torn line that is in the file. */
const writtenPart = (write: PartialWrite): Uint8Array => write.lines.subarray(startOfTornLine(write), write.written)

/**
 * Writes what is left, up to the offset `end`.
 *
 * @param onForeignEnd runs where the file no longer ends in the written part of our torn line; that line is then written again
 *   from its beginning
 */
export const writeRest = (
  file: AppendFile,
  write: PartialWrite,
  end: number,
  onForeignEnd: Effect.Effect<void>
): Effect.Effect<void, Errno | LogFileError> =>
  Effect.gen(function* () {
    while (write.written < end) {
      if (hasTornLine(write) && !(yield* endsInWrittenPart(file, write))) {
        yield* restartTornLine(file, write)
        yield* onForeignEnd
      }
      write.written += yield* append(file.descriptor, write.lines, write.written, end)
    }
  })

/** Whether the file still ends in what we wrote of the torn line: another process may have emptied it or appended to it. */
const endsInWrittenPart = ({ descriptor }: AppendFile, write: PartialWrite): Effect.Effect<boolean, Errno> => {
  const part = writtenPart(write)
  return Effect.map(readTail(descriptor, part.length), (tail) => tail.equals(part))
}

/** Whatever the file ends in now, the torn line begins again on a line of its own. */
const restartTornLine = (file: AppendFile, write: PartialWrite): Effect.Effect<void, Errno | LogFileError> =>
  Effect.gen(function* () {
    const part = Buffer.from(writtenPart(write))
    const tail = yield* readTail(file.descriptor, part.length)
    const last = tail.subarray(tail.lastIndexOf(lineFeed) + 1)
    // Another process may have cut the file within our part, too.
    const isOurs = last.length > 0 && part.indexOf(last) === 0
    yield* isOurs ? cutOff(file.descriptor, last.length) : endTornLine(file)
    write.written = startOfTornLine(write)
  })

/**
 * Keeps a line from being split over two files: completes the torn line in the old file or, where the disk does not allow that
 * or nobody could read it there, takes it out, so that it is written whole to the new file.
 */
export const finishTornLine = (old: AppendFile, write: PartialWrite): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (!hasTornLine(write)) return
    const end = write.lines.indexOf(lineFeed, write.written) + 1
    const canFinish = (yield* hasSomeName(old)) && (yield* endsInWrittenPart(old, write))
    if (canFinish && Either.isRight(yield* Effect.either(writeRest(old, write, end, Effect.void)))) return
    yield* removeTornLine(old, write)
  }).pipe(Effect.catchAll(() => removeTornLine(old, write)))

/** Takes the written part of the torn line out of the file, where the file still ends in it. */
export const removeTornLine = (file: AppendFile, write: PartialWrite): Effect.Effect<void> =>
  Effect.gen(function* () {
    const start = startOfTornLine(write)
    const torn = write.written - start
    const isOurs = torn > 0 && (yield* endsInWrittenPart(file, write))
    write.written = start
    if (isOurs) yield* cutOff(file.descriptor, torn)
  }).pipe(Effect.ignore)
