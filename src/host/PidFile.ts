import * as fs from "node:fs"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type Errno, explain, systemCall } from "./Errno.ts"
import { holdFile } from "./FileLock.ts"
import { type Folder, folderOf, isTrusted } from "./Folder.ts"
import { isInstance } from "./Instance.ts"
import { closeDescriptor, createFile } from "./NewFile.ts"
import { overwrite, readPidText, writtenPid } from "./PidText.ts"

/**
 * We can't use the pid file.
 *
 * - `running`: another instance, which is running, has written it or is about to
 * - `foreign`: the file of its name has never been a pid file, and so is somebody's data
 * - `unsafe`: other users can replace it, or have put a file of theirs in its place
 * - `permission`, `unavailable`: it can't be written
 */
export class PidFileError extends Data.TaggedError("PidFileError")<{
  readonly reason: "running" | "foreign" | "unsafe" | "permission" | "unavailable"
  readonly path: string
  readonly why: string
  readonly advice: string
}> {
  override get message(): string {
    return `${this.why}. ${this.advice}`
  }
}

/** Fails where an instance that is running has written the pid file; a stale file and one with other content do not count. */
export const refuseSecondInstance = (path: string): Effect.Effect<void, PidFileError> =>
  Effect.gen(function* () {
    const stats = yield* Effect.option(systemCall<fs.Stats>((done) => fs.stat(path, done)))
    const pid = yield* writtenPid(path)
    if (pid === undefined || Option.isNone(stats)) return
    if (yield* isInstance(pid, stats.value.mtimeMs)) return yield* running(path, pid)
  })

/**
 * Claims the pid file as long as the scope is open, without writing it yet: of any number of instances that start at once exactly
 * one succeeds. It also fails where writing the file later is already known to be impossible.
 */
export const claimPidFile = (path: string): Effect.Effect<void, PidFileError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* safeFolder(path)
    const lock = yield* holdFile(path)
    if (lock._tag === "Taken") return yield* running(path, lock.pid)
    if (lock._tag === "Planted") return yield* planted(path, lock.path)
    // An instance of an older version, or one that could not hold a file, has no lock.
    yield* refuseSecondInstance(path)
    yield* Effect.scoped(openExisting(path))
  })

/**
 * Writes our process number and LF into the pid file that `claimPidFile` has claimed. When the scope closes, the file is removed if
 * it is still ours, or emptied where others could change its name.
 */
export const holdPidFile = (path: string): Effect.Effect<void, PidFileError, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* safeFolder(path)
    const existing = yield* openExisting(path)
    const descriptor =
      existing ??
      (yield* Effect.acquireRelease(createFile(path, mode), closeDescriptor).pipe(Effect.mapError(cannotWrite(path))))
    yield* Effect.addFinalizer(() => giveUp(path, descriptor, folder))
    yield* systemCall<void>((done) => fs.fchmod(descriptor, mode, done)).pipe(
      Effect.zipRight(overwrite(descriptor, `${process.pid}\n`)),
      Effect.mapError(cannotWrite(path))
    )
  }).pipe(Effect.uninterruptible)

/** newsyslog(8), service(8) and people read it. */
const mode = 0o644

const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = fs.constants

/**
 * The folder of a pid file. A folder that a group can change is accepted, since some systems have one (/var/run of macOS): nothing
 * is removed or renamed there.
 */
const safeFolder = (path: string): Effect.Effect<Folder, PidFileError> =>
  folderOf(path).pipe(
    Effect.mapError(cannotWrite(path)),
    Effect.filterOrFail(
      ({ openness }) => openness !== "open" && openness !== "loose",
      ({ why, remedy }) =>
        unsafe(path, `${why}, and could have any process signalled`, `Take that right away (${remedy}), or set`)
    )
  )

/**
 * Opens the existing file if it has been a pid file. All else goes by its descriptor, so that no other file is ever written to,
 * whatever happens to the name. A file that other users may have open for writing is removed, where only we can change names.
 */
const openExisting = (path: string): Effect.Effect<number | undefined, PidFileError, Scope.Scope> =>
  Effect.gen(function* () {
    const opened = yield* Effect.either(
      Effect.acquireRelease(
        systemCall<number>((done) => fs.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, done)),
        closeDescriptor
      )
    )
    if (opened._tag === "Left") {
      const { code } = opened.left
      if (code === "ENOENT") return undefined
      const isOther = code !== undefined && ["ELOOP", "EMLINK", "EISDIR", "ENXIO"].includes(code)
      return yield* isOther ? foreign(path, explain(opened.left)) : cannotWrite(path)(opened.left)
    }
    const descriptor = opened.right
    const call = <A>(effect: Effect.Effect<A, Errno>) => Effect.mapError(effect, cannotWrite(path))
    const stats = yield* call(systemCall<fs.Stats>((done) => fs.fstat(descriptor, done)))
    if (!stats.isFile()) return yield* foreign(path, "it is not a regular file")
    if (stats.nlink > 1) return yield* foreign(path, "it has a second name")
    if ((yield* call(readPidText(descriptor))).kind === "other") {
      return yield* foreign(path, `its ${stats.size} bytes are no process number`)
    }
    if (isTrusted(stats.uid) && (stats.mode & 0o022) === 0) return descriptor
    const { openness } = yield* safeFolder(path)
    if (openness !== "private") return yield* planted(path, path)
    yield* call(systemCall<void>((done) => fs.unlink(path, done)))
    return undefined
  })

const giveUp = (path: string, descriptor: number, { openness }: Folder): Effect.Effect<void> =>
  Effect.gen(function* () {
    // By now its name may lead to the pid file of another instance.
    if ((yield* writtenPid(path)) !== process.pid) return
    if (openness === "group") yield* overwrite(descriptor, "")
    else yield* systemCall<void>((done) => fs.unlink(path, done))
  }).pipe(Effect.ignore)

const running = (path: string, pid: number | undefined): PidFileError =>
  new PidFileError({
    reason: "running",
    path,
    why: `pfasciilogd is already running${pid === undefined ? "" : ` with process number ${pid}`} (${path})`,
    advice: "Stop it first, or give this one a pid file and a log of its own (--pid-file, --log-file)."
  })

const foreign = (path: string, what: string): PidFileError =>
  new PidFileError({
    reason: "foreign",
    path,
    why: `${path} is no pid file: ${what}. It is left as it is`,
    advice: "Remove it if nobody needs it, or set process.pid_file (--pid-file) to another path."
  })

const planted = (path: string, file: string): PidFileError =>
  unsafe(path, `${file} is another user's, or not a file of its own`, "Remove it, or set")

const unsafe = (path: string, why: string, advice: string): PidFileError =>
  new PidFileError({
    reason: "unsafe",
    path,
    why: `the pid file ${path} is not safe: ${why}`,
    advice: `${advice} process.pid_file (--pid-file) to a path in a folder that only root may write to.`
  })

const cannotWrite =
  (path: string) =>
  (cause: Errno): PidFileError => {
    const denied = cause.code === "EACCES" || cause.code === "EPERM"
    return new PidFileError({
      reason: denied ? "permission" : "unavailable",
      path,
      why: `can't write the pid file ${path}: ${cause.code === "ENOENT" ? "its folder doesn't exist" : explain(cause)}`,
      advice: "Set process.pid_file (--pid-file) to a path in a folder that exists and that we may write to."
    })
  }
