import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Resource from "effect/Resource"
import * as Scope from "effect/Scope"
import type { Errno } from "../host/Errno.ts"
import {
  type AppendFile,
  append,
  cutOff,
  endTornLine,
  hasSomeName,
  keepsItsName,
  keepsItsNameNow,
  type LogFileError,
  openAppendFile
} from "./AppendFile.ts"

/** The log: one file under one name, which may be swapped for a new one between two lines at any time. */
export interface LogFile {
  /**
   * Writes whole lines, all or as many as can be written; call it again with the same bytes after a failure, and it goes on
   * where it stopped. First the file is opened anew where its name no longer leads to it; where that fails, a renamed file
   * stays in use, while for a deleted one the lines have to wait.
   */
  readonly write: (lines: Uint8Array) => Effect.Effect<void, Errno | LogFileError>
  /** Opens the log anew under its name; where that fails, the file in use stays in use. */
  readonly rotate: Effect.Effect<void, LogFileError>
}

/** Lines that are being written, and how far. */
interface Progress {
  readonly lines: Uint8Array
  written: number
}

const lineFeed = 0x0a

/** How long after a write, in milliseconds, the file system counts as one that answers at once. */
const busyTime = 50

/**
 * Opens the log as a `Resource` that lives as long as the scope.
 *
 * @param mode the permissions of a file that we create
 * @param onStray told once that a file without our name stays in use, and why, until the log can be opened anew
 */
export const makeLogFile = (
  path: string,
  mode: number,
  onStray: (error: LogFileError) => Effect.Effect<void>
): Effect.Effect<LogFile, LogFileError, Scope.Scope> =>
  Effect.gen(function* () {
    let progress: Progress | undefined
    let isStray = false
    let lastWritten = Number.NEGATIVE_INFINITY
    const permit = yield* Effect.makeSemaphore(1)
    const resource = yield* Resource.manual(
      yield* makeSwap(openAppendFile(path, mode), (old) =>
        progress === undefined ? Effect.void : finishLine(old, progress)
      )
    )
    yield* Resource.get(resource)

    const reopenIfMoved = Effect.gen(function* () {
      const file = yield* Resource.get(resource)
      const isBusy = performance.now() - lastWritten < busyTime
      if (isBusy ? keepsItsNameNow(file) : yield* keepsItsName(file)) return
      const reopened = yield* Effect.either(Resource.refresh(resource))
      if (Either.isRight(reopened)) {
        isStray = false
        return
      }
      if (!(yield* hasSomeName(file))) return yield* reopened.left
      if (!isStray) yield* onStray(reopened.left)
      isStray = true
    })

    const write = (lines: Uint8Array) =>
      Effect.gen(function* () {
        yield* reopenIfMoved
        const file = yield* Resource.get(resource)
        const current: Progress = progress?.lines === lines ? progress : { lines, written: 0 }
        progress = current
        yield* writeRest(file, current, lines.length)
        progress = undefined
        lastWritten = performance.now()
      })

    return {
      write: (lines) => permit.withPermits(1)(Effect.uninterruptible(write(lines))),
      rotate: permit.withPermits(1)(Effect.uninterruptible(Resource.refresh(resource)))
    }
  })

/**
 * An acquisition that replaces the file in use by a new one: the new one is open before the old one is closed, and where it
 * can't be opened the old one stays. `Resource.refresh` alone closes first, and leaks: each file has a scope of its own here.
 */
const makeSwap = (
  open: Effect.Effect<AppendFile, LogFileError, Scope.Scope>,
  beforeSwap: (old: AppendFile) => Effect.Effect<void>
): Effect.Effect<Effect.Effect<AppendFile, LogFileError>, never, Scope.Scope> =>
  Effect.gen(function* () {
    let inUse: { readonly file: AppendFile; readonly scope: Scope.CloseableScope } | undefined
    yield* Effect.addFinalizer(() => (inUse === undefined ? Effect.void : Scope.close(inUse.scope, Exit.void)))
    return Effect.uninterruptible(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const file = yield* Scope.extend(open, scope).pipe(Effect.onError(() => Scope.close(scope, Exit.void)))
        const old = inUse
        // A signal without a rename leads to the same file: what is left of our own line comes before any mending.
        if (old !== undefined) yield* beforeSwap(old.file)
        yield* endTornLine(file).pipe(Effect.onError(() => Scope.close(scope, Exit.void)))
        inUse = { file, scope }
        if (old !== undefined) yield* Scope.close(old.scope, Exit.void)
        return file
      })
    )
  })

const writeRest = (file: AppendFile, progress: Progress, end: number): Effect.Effect<void, Errno> =>
  Effect.gen(function* () {
    while (progress.written < end) {
      progress.written += yield* append(file.descriptor, progress.lines, progress.written, end)
    }
  })

/**
 * Sees to it that no line is split over two files: the line that the old one holds a part of is completed there or, where
 * the disk doesn't allow it or nobody could read it there, taken out of it, to be written whole to the new one.
 */
const finishLine = (old: AppendFile, progress: Progress): Effect.Effect<void> =>
  Effect.gen(function* () {
    const start = progress.lines.lastIndexOf(lineFeed, progress.written - 1) + 1
    if (progress.written === 0 || start === progress.written) return
    const end = progress.lines.indexOf(lineFeed, progress.written) + 1
    const isFinished = (yield* hasSomeName(old)) && Either.isRight(yield* Effect.either(writeRest(old, progress, end)))
    if (isFinished) return
    const torn = progress.written - start
    progress.written = start
    yield* Effect.ignore(cutOff(old.descriptor, torn))
  })
