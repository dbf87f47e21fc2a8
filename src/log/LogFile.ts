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
import { finishTornLine, type PartialWrite, removeTornLine, startOfTornLine, writeRest } from "./PartialWrite.ts"

/** The log: one file under one name, which a rotation may replace by a new one between two lines at any time. */
export interface LogFile {
  readonly path: string
  /**
   * Writes whole lines, all of them or as many as possible. After a failure, call it again with the same bytes, unchanged: it
   * goes on where it stopped. Where the file's name no longer leads to it, the log is opened again first; where that fails, a
   * renamed file stays in use, while lines for a deleted one have to wait.
   */
  readonly write: (lines: Uint8Array) => Effect.Effect<void, Errno | LogFileError>
  /** Opens the log again under its name; where that fails, the file in use stays in use. */
  readonly rotate: Effect.Effect<void, LogFileError>
  /** Gives up the lines whose write has failed: takes the written part of a torn line out of the file. */
  readonly giveUp: Effect.Effect<void>
  /** How many bytes of the lines whose write has failed, or hangs, are in the log; only whole lines count. */
  readonly partlyWritten: () => number
}

/** What a log file reports of changes that other processes have made to it. */
export interface LogFileEvents {
  /** A file without our name stays in use, and why; reported once, until the log can be opened again. */
  readonly onStray: (error: LogFileError) => Effect.Effect<void>
  /** The file no longer ends in the torn line that we left there: another process has emptied it or written to it. */
  readonly onForeignEnd: Effect.Effect<void>
}

/** How long after a write, in milliseconds, the file system is expected to answer at once. */
const busyTime = 50

/** The setting of the main log's path, as messages name it. */
export const mainLogSetting = "log.file (--log-file)"

/**
 * Opens the log as a `Resource` that lives as long as the scope.
 *
 * @param mode the permissions of a file that we create
 * @param setting the setting that gives the path, as messages name it
 */
export const makeLogFile = (
  path: string,
  mode: number,
  { onStray, onForeignEnd }: LogFileEvents,
  setting = mainLogSetting
): Effect.Effect<LogFile, LogFileError, Scope.Scope> =>
  Effect.gen(function* () {
    let unfinished: PartialWrite | undefined
    let isStray = false
    let lastWritten = Number.NEGATIVE_INFINITY
    const permit = yield* Effect.makeSemaphore(1)
    const resource = yield* makeSwappable(openAppendFile(path, mode, setting), (old) =>
      unfinished === undefined ? Effect.void : finishTornLine(old, unfinished)
    )
    const fileInUse = Effect.map(Resource.get(resource), ({ file }) => file)

    const reopenIfMoved = Effect.gen(function* () {
      const file = yield* fileInUse
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
        const file = yield* fileInUse
        const current: PartialWrite = unfinished?.lines === lines ? unfinished : { lines, written: 0 }
        unfinished = current
        yield* writeRest(file, current, lines.length, onForeignEnd)
        unfinished = undefined
        lastWritten = performance.now()
      })

    const giveUp = Effect.gen(function* () {
      if (unfinished !== undefined) yield* removeTornLine(yield* fileInUse, unfinished)
    }).pipe(Effect.ignore)

    return {
      path,
      write: (lines) => permit.withPermits(1)(Effect.uninterruptible(write(lines))),
      rotate: permit.withPermits(1)(Effect.uninterruptible(Resource.refresh(resource))),
      giveUp: permit.withPermits(1)(Effect.uninterruptible(giveUp)),
      partlyWritten: () => (unfinished === undefined ? 0 : startOfTornLine(unfinished))
    }
  })

/** The file in use, and the scope that closes it. */
interface OpenFile {
  readonly file: AppendFile
  readonly scope: Scope.CloseableScope
}

/**
 * The file in use as a `Resource`, whose `refresh` replaces it by a new one: the new one is open before the old one is closed,
 * and where it can't be opened the old one stays.
 *
 * Each file has a scope of its own, in the resource's value. One that is acquired in the resource's scope would be closed before
 * the new one is open, and after a failure be used all the same; it would also stay open until the end of the whole log.
 */
const makeSwappable = (
  open: Effect.Effect<AppendFile, LogFileError, Scope.Scope>,
  beforeSwap: (old: AppendFile) => Effect.Effect<void>
): Effect.Effect<Resource.Resource<OpenFile, LogFileError>, LogFileError, Scope.Scope> =>
  Effect.gen(function* () {
    const first = yield* openInOwnScope(open, Effect.void)
    let acquire: Effect.Effect<OpenFile, LogFileError> = Effect.succeed(first)
    const resource = yield* Resource.manual(Effect.suspend(() => acquire))
    acquire = Effect.gen(function* () {
      const old = yield* Resource.get(resource)
      // A signal without a rename leads to the same file: our own torn line is finished before any other is looked for.
      const next = yield* openInOwnScope(open, beforeSwap(old.file))
      yield* Scope.close(old.scope, Exit.void)
      return next
    })
    yield* Effect.addFinalizer(() =>
      Resource.get(resource).pipe(
        Effect.flatMap(({ scope }) => Scope.close(scope, Exit.void)),
        Effect.ignore
      )
    )
    return resource
  }).pipe(Effect.uninterruptible)

const openInOwnScope = (
  open: Effect.Effect<AppendFile, LogFileError, Scope.Scope>,
  onceOpen: Effect.Effect<void>
): Effect.Effect<OpenFile, LogFileError> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    return yield* Scope.extend(open, scope).pipe(
      Effect.tap(() => onceOpen),
      Effect.tap(endTornLine),
      Effect.map((file) => ({ file, scope })),
      Effect.onError(() => Scope.close(scope, Exit.void))
    )
  })
