import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Resource from "effect/Resource"
import * as Scope from "effect/Scope"
import type { Errno } from "../host/Errno.ts"
import {
  type AppendFile,
  endTornLine,
  hasSomeName,
  keepsItsName,
  keepsItsNameNow,
  type LogFileError,
  openAppendFile
} from "./AppendFile.ts"
import { finishLine, type Progress, startOfTornLine, takeOut, writeRest } from "./Progress.ts"

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
  /** Gives up the lines whose write has failed: half a line of theirs that stands in the file is taken out of it. */
  readonly giveUp: Effect.Effect<void>
  /** How many bytes of the lines whose write has failed, or hangs, are in the log: whole lines only. */
  readonly partlyWritten: () => number
}

/** What a log file tells of what others have done to it. */
export interface LogFileEvents {
  /** A file without our name stays in use, and why; told once, until the log can be opened anew. */
  readonly onStray: (error: LogFileError) => Effect.Effect<void>
  /** The file no longer ends in the half line that we left there: somebody has emptied it, or written to it. */
  readonly onForeignEnd: Effect.Effect<void>
}

/** How long after a write, in milliseconds, the file system counts as one that answers at once. */
const busyTime = 50

/**
 * Opens the log as a `Resource` that lives as long as the scope.
 *
 * @param mode the permissions of a file that we create
 */
export const makeLogFile = (
  path: string,
  mode: number,
  { onStray, onForeignEnd }: LogFileEvents
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
        yield* writeRest(file, current, lines.length, onForeignEnd)
        progress = undefined
        lastWritten = performance.now()
      })

    const giveUp = Effect.gen(function* () {
      if (progress !== undefined) yield* takeOut(yield* Resource.get(resource), progress)
    }).pipe(Effect.ignore)

    return {
      write: (lines) => permit.withPermits(1)(Effect.uninterruptible(write(lines))),
      rotate: permit.withPermits(1)(Effect.uninterruptible(Resource.refresh(resource))),
      giveUp: permit.withPermits(1)(Effect.uninterruptible(giveUp)),
      partlyWritten: () => (progress === undefined ? 0 : startOfTornLine(progress))
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
