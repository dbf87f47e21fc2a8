import * as fs from "node:fs"
import { basename, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Errno, explain, systemCall } from "./Errno.ts"
import { folderOf, isTrusted } from "./Folder.ts"
import { closeDescriptor, createFile } from "./NewFile.ts"
import { overwrite, readPidText, writtenPid } from "./PidText.ts"
import { ask } from "./Program.ts"
import { lockAtOpen } from "./System.ts"

/** The outcome of an attempt to hold a file. */
export type Lock =
  /** We hold it until the scope is closed or our process ends, whatever ends it. */
  | { readonly _tag: "Held" }
  /** Another process holds it; its number, where it could be read. */
  | { readonly _tag: "Taken"; readonly pid: number | undefined }
  /** Another user has put a file under the lock's name. */
  | { readonly _tag: "Planted"; readonly path: string }
  /** No file can be held here. */
  | { readonly _tag: "Unavailable"; readonly why: string }

/**
 * The lock of a file: a file beside it. The file itself would not do: a rotation replaces the log, and whoever may read a file may
 * lock it, so that any user could keep us from our pid file. Only its owner can open the lock.
 */
export const lockPathOf = (path: string): string => join(dirname(path), `.${basename(path)}.lock`)

const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = fs.constants

/** Another process may remove the lock after we have opened and before we have locked it, but not time after time. */
const attempts = 5

/**
 * Tries to hold a file against other processes that do the same, without waiting. Of any number that try at once exactly one
 * succeeds, and when it ends, whatever ends it, the kernel frees the lock. Closing the scope removes the lock's name where no
 * other user can change it.
 */
export const holdFile = (path: string): Effect.Effect<Lock, never, Scope.Scope> =>
  folderOf(path).pipe(
    Effect.flatMap(({ openness, why }) =>
      openness === "loose" ? Effect.succeed<Lock>({ _tag: "Unavailable", why }) : attempt(lockPathOf(path), attempts)
    ),
    Effect.catchAll((error) => Effect.succeed<Lock>({ _tag: "Unavailable", why: explain(error) }))
  )

const attempt = (lock: string, left: number): Effect.Effect<Lock, never, Scope.Scope> =>
  Effect.gen(function* () {
    const opened = yield* Effect.either(openLocked(lock))
    if (opened._tag === "Left") {
      const { code } = opened.left
      if (code === "EAGAIN") return { _tag: "Taken", pid: yield* writtenPid(lock) } as const
      const isPlanted = code === "ELOOP" || code === "EMLINK" || code === "EISDIR" || code === "ENXIO"
      if (isPlanted) return { _tag: "Planted", path: lock } as const
      if (code === "EEXIST" && left > 0) return yield* attempt(lock, left - 1)
      return { _tag: "Unavailable", why: explain(opened.left) } as const
    }
    const descriptor = opened.right
    const outcome = yield* holdDescriptor(lock, descriptor).pipe(
      Effect.catchAll((error) => Effect.succeed<Lock>({ _tag: "Unavailable", why: explain(error) }))
    )
    if (outcome._tag === "Held") {
      yield* Effect.addFinalizer(() => release(lock, descriptor))
      return outcome
    }
    yield* closeDescriptor(descriptor)
    return outcome._tag === "Moved" && left > 0 ? yield* attempt(lock, left - 1) : unlessMoved(outcome)
  }).pipe(Effect.uninterruptible)

/** We have locked a file that its last holder has removed meanwhile. */
interface Moved {
  readonly _tag: "Moved"
}

const unlessMoved = (outcome: Lock | Moved): Lock =>
  outcome._tag === "Moved" ? { _tag: "Unavailable", why: "its lock is removed again and again" } : outcome

const openLocked = (lock: string): Effect.Effect<number, Errno> => {
  const locking = lockAtOpen(process.platform)
  return systemCall<number>((done) => fs.open(lock, O_RDWR | O_NOFOLLOW | O_NONBLOCK | locking, done)).pipe(
    Effect.catchIf(
      (error) => error.code === "ENOENT",
      () => createFile(lock, 0o600, locking)
    )
  )
}

const holdDescriptor = (lock: string, descriptor: number): Effect.Effect<Lock | Moved, Errno> =>
  Effect.gen(function* () {
    const file = yield* systemCall<fs.BigIntStats>((done) => fs.fstat(descriptor, { bigint: true }, done))
    if (!file.isFile() || !isTrusted(file.uid) || file.nlink > 1n) return { _tag: "Planted", path: lock } as const
    if (lockAtOpen(process.platform) === 0) {
      const status = yield* lockByChild(descriptor)
      if (status === 1) return { _tag: "Taken", pid: yield* writtenPid(lock) } as const
      if (status !== 0) return { _tag: "Unavailable", why: "flock(1) can't lock it" } as const
    }
    const named = yield* Effect.option(systemCall<fs.BigIntStats>((done) => fs.lstat(lock, { bigint: true }, done)))
    if (named._tag === "None" || named.value.ino !== file.ino || named.value.dev !== file.dev) {
      return { _tag: "Moved" } as const
    }
    // A file with other content than a process number keeps it; the lock is as good.
    if ((yield* readPidText(descriptor)).kind !== "other")
      yield* Effect.ignore(overwrite(descriptor, `${process.pid}\n`))
    return { _tag: "Held" } as const
  })

/** Removes the name while the lock is still held, so that it can't be another holder's; a name that others can change stays. */
const release = (lock: string, descriptor: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { openness } = yield* folderOf(lock)
    const isOurs = (yield* readPidText(descriptor)).pid === process.pid
    if (isOurs && (openness === "private" || openness === "sticky")) {
      yield* systemCall<void>((done) => fs.unlink(lock, done))
    } else if (isOurs) yield* overwrite(descriptor, "")
  }).pipe(Effect.ignore, Effect.ensuring(closeDescriptor(descriptor)))

/**
 * Node has no flock(2), and Linux no flag of open(2) for it. The lock belongs to the open file, which a child shares with us:
 * flock(1) takes it and ends, and we hold it.
 *
 * @returns the exit status of flock(1): 0, or 1 where another process holds the lock; nothing where it could not run
 */
const lockByChild = (descriptor: number): Effect.Effect<number | undefined> =>
  Effect.map(ask("flock", ["-n", "3"], { descriptor }), (answer) =>
    answer._tag === "Ended" ? answer.status : undefined
  )
