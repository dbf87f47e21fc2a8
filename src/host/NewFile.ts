import * as fs from "node:fs"
import { basename, dirname, join } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type Errno, explain, systemCall } from "./Errno.ts"
import { type Folder, folderOf, isTrusted } from "./Folder.ts"
import { type OwnersFile, writeAsOwner } from "./OwnersWriter.ts"
import { readStart } from "./SmallFile.ts"

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = fs.constants

/**
 * The flags with which every file of ours is created. O_EXCL and O_NOFOLLOW: a file or a link that others have put under the name is
 * neither used nor followed. O_NONBLOCK: opening never waits, should the name lead to a FIFO all the same.
 */
const creating = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK

/**
 * Creates a file with exactly these permissions, and returns its descriptor. It fails with EEXIST where anything has the name, even
 * a link that leads nowhere.
 *
 * @param flags further flags of open(2), such as O_APPEND
 */
export const createFile = (path: string, mode: number, flags = 0): Effect.Effect<number, Errno> =>
  systemCall<number>((done) => fs.open(path, creating | flags, mode, done)).pipe(
    Effect.tap((descriptor) =>
      // The mode given to open(2) obeys the umask.
      systemCall<void>((done) => fs.fchmod(descriptor, mode, done)).pipe(
        Effect.tapError(() => closeDescriptor(descriptor))
      )
    )
  )

/** Closes a descriptor; ignores a failure, after which nothing is left to do. */
export const closeDescriptor = (descriptor: number): Effect.Effect<void> =>
  Effect.ignore(systemCall<void>((done) => fs.close(descriptor, done)))

/**
 * A file can't be put in its place.
 *
 * - `unsafe`: others can write to its folder, so that we would act on names that they can change
 * - `late`: the file system, or the child that writes for us, does not answer
 * - `unavailable`: anything else
 */
export class NewFileError extends Data.TaggedError("NewFileError")<{
  readonly reason: "unsafe" | "late" | "unavailable"
  readonly path: string
  readonly why: string
  readonly advice: string
}> {
  override get message(): string {
    return `${this.path}: ${this.why}. ${this.advice}`
  }
}

/** How long replacing a file may take: after that its caller goes on, whatever the file system does. */
const patience = "5 seconds"

/**
 * Creates a file with this content, or replaces the one that has its name: nobody ever reads a part of it, and a link is replaced,
 * not followed. The new file is first written beside it, under an unpredictable name.
 *
 * Where others can change the names in its folder, we do not act on those names: in a folder that another user owns, a child writes
 * the file that is that user, and can do no more than that user can; any other such folder is refused.
 *
 * @param mark how a file begins that may be replaced: one that begins otherwise is somebody's data, and stays; "" for any file
 */
export const replaceFile = (
  path: string,
  content: string,
  mode: number,
  mark = ""
): Effect.Effect<void, NewFileError> =>
  folderOf(path).pipe(
    Effect.mapError((error) =>
      unavailable(path, error.code === "ENOENT" ? "its folder doesn't exist" : explain(error))
    ),
    Effect.flatMap((folder) => {
      if (folder.openness === "private" || folder.openness === "sticky")
        return Effect.zipRight(refuseData(path, mark), replaceOurselves(path, content, mode))
      if (process.geteuid?.() === 0 && !isTrusted(folder.owner))
        return replaceAsOwner({ path, fresh: unpredictable(path), content, mode, mark, owner: folder.owner })
      return Effect.fail(unsafe(path, folder))
    }),
    // A system call can't be given up, but the wait for it can, even in a finalizer.
    Effect.disconnect,
    Effect.interruptible,
    Effect.timeoutFail({ duration: patience, onTimeout: () => late(path) })
  )

const replaceOurselves = (path: string, content: string, mode: number): Effect.Effect<void, NewFileError> =>
  Effect.gen(function* () {
    const fresh = join(dirname(path), unpredictable(path))
    const descriptor = yield* createFile(fresh, mode)
    yield* systemCall<void>((done) => fs.writeFile(descriptor, content, done)).pipe(
      Effect.ensuring(closeDescriptor(descriptor)),
      Effect.zipRight(systemCall<void>((done) => fs.rename(fresh, path, done))),
      Effect.tapError(() => Effect.ignore(systemCall<void>((done) => fs.unlink(fresh, done))))
    )
  }).pipe(Effect.mapError((error) => unavailable(path, explain(error))))

const replaceAsOwner = (file: OwnersFile): Effect.Effect<void, NewFileError> =>
  Effect.flatMap(writeAsOwner(file), (problem) =>
    problem === undefined
      ? Effect.void
      : unavailable(file.path, `as user ${file.owner}, whose folder it is: ${problem}`)
  )

/** Fails where a regular file of this name is not empty and begins with anything but the mark. */
const refuseData = (path: string, mark: string): Effect.Effect<void, NewFileError> =>
  readStart(path, Math.max(1, mark.length), "refuse").pipe(
    Effect.map((start) => start.length === 0 || start.toString("latin1", 0, mark.length) === mark),
    // What can't be opened is missing, or no file: the rename fails with the reason then.
    Effect.orElseSucceed(() => true),
    Effect.filterOrFail(
      (isReplaceable) => isReplaceable,
      () => unavailable(path, "it holds something else, and is left as it is")
    )
  )

/** A name that nobody can foresee, and that programs which read the folder ignore. */
const unpredictable = (path: string): string =>
  `.${basename(path)}.${Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(12))).toString("hex")}`

const unavailable = (path: string, why: string): NewFileError =>
  new NewFileError({ reason: "unavailable", path, why, advice: "Mend that, or set another path." })

const unsafe = (path: string, { why, remedy }: Folder): NewFileError =>
  new NewFileError({
    reason: "unsafe",
    path,
    why: `${why}, so that others could have us write elsewhere`,
    advice: `Take that right away (${remedy}), or set a path in a folder that only we can change.`
  })

const late = (path: string): NewFileError =>
  new NewFileError({ reason: "late", path, why: "its file system doesn't answer", advice: "It is tried again." })
