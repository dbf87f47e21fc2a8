import * as fs from "node:fs"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Errno, explain, systemCall } from "../host/Errno.ts"
import { type Folder, folderOf, isTrusted } from "../host/Folder.ts"
import { closeDescriptor, createFile } from "../host/NewFile.ts"

/**
 * A log file can't be opened.
 *
 * - `missing-folder`: its folder doesn't exist
 * - `permission`: we may not open or create it
 * - `not-a-file`: the name leads to a folder, a symbolic link, a FIFO or a device
 * - `unsafe`: other users can write to its folder and have put a file under this name, or they can replace the folder itself
 * - `held`: another instance writes to it
 * - `unavailable`: anything else (too many open files, a read-only file system, …)
 */
export class LogFileError extends Data.TaggedError("LogFileError")<{
  readonly reason: "missing-folder" | "permission" | "not-a-file" | "unsafe" | "held" | "unavailable"
  readonly path: string
  readonly why: string
  readonly advice: string
  readonly cause?: Errno
}> {
  override get message(): string {
    return `can't open the log ${this.path}: ${this.why}. ${this.advice}`
  }
}

/** An open log file. Each write goes to its end, even where other processes write to it too. */
export interface AppendFile {
  readonly path: string
  /** The setting that gives the path, as messages name it: `log.file (--log-file)`. */
  readonly setting: string
  readonly descriptor: number
  /** With `inode`, which file it is, whatever its name has become. */
  readonly device: bigint
  readonly inode: bigint
}

// O_NOFOLLOW: a link in a folder that other users can write to could lead us, as root, into any file.
// O_NONBLOCK: opening a FIFO that nobody reads would wait for ever. O_RDWR: we read the last byte.
const flags = fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK

/**
 * Opens a log file for appending; a missing one is created with exactly the permissions `mode`. Closing the scope closes the
 * file.
 */
export const openAppendFile = (
  path: string,
  mode: number,
  setting: string
): Effect.Effect<AppendFile, LogFileError, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* folderOf(path)
    if (folder.openness === "loose") return yield* replaceable(path, folder, setting)
    const descriptor = yield* Effect.acquireRelease(openDescriptor(path, mode), closeDescriptor)
    const file = yield* systemCall<fs.BigIntStats>((done) => fs.fstat(descriptor, { bigint: true }, done))
    if (!file.isFile()) return yield* notAFile(path, "it is not a regular file", setting)
    if (isPlanted(file, folder)) return yield* planted(path, folder, setting)
    return { path, setting, descriptor, device: file.dev, inode: file.ino }
  }).pipe(Effect.mapError((error) => (error instanceof LogFileError ? error : cannotOpen(path, error, setting))))

const openDescriptor = (path: string, mode: number): Effect.Effect<number, Errno> =>
  systemCall<number>((done) => fs.open(path, flags, done)).pipe(
    Effect.catchIf(
      (error) => error.code === "ENOENT",
      () => createFile(path, mode, fs.constants.O_APPEND)
    ),
    // Another process (newsyslog) has created it between our two attempts.
    Effect.retry({ times: 3, while: (error) => error.code === "EEXIST" })
  )

/**
 * Whether another user may have put the file there to make us write into it, or to read what we write: in a folder that others
 * can write to, a file that another user owns, or one with a second name elsewhere (a hard link to a file of ours).
 */
const isPlanted = (file: fs.BigIntStats, folder: Folder): boolean =>
  folder.openness !== "private" && (!isTrusted(file.uid) || file.nlink > 1n)

const lineFeed = 0x0a

/** Ends an unterminated last line: one that a killed process has left, never one that is still being written. */
export const endTornLine = ({ path, setting, descriptor }: AppendFile): Effect.Effect<void, LogFileError> =>
  Effect.gen(function* () {
    const last = yield* readTail(descriptor, 1)
    if (last.length > 0 && last[0] !== lineFeed) yield* append(descriptor, Buffer.of(lineFeed), 0)
  }).pipe(Effect.mapError((error) => cannotOpen(path, error, setting)))

/** Appends the bytes from `offset` to `end`; returns how many were written, which may be fewer. */
export const append = (descriptor: number, bytes: Uint8Array, offset: number, end = bytes.length) =>
  systemCall<number>((done) => fs.write(descriptor, bytes, offset, end - offset, null, done))

/** Whether the file's name still leads to it: not after a rename, a deletion, or another file in its place. */
export const keepsItsName = (file: AppendFile): Effect.Effect<boolean> =>
  systemCall<fs.BigIntStats>((done) => fs.lstat(file.path, { bigint: true }, done)).pipe(
    Effect.map((stats) => leadsTo(file, stats)),
    Effect.orElseSucceed(() => false)
  )

/**
 * The same on the main thread, at a tenth of the cost, for a file system that has answered a moment ago: one that stalls would
 * block signals.
 */
export const keepsItsNameNow = (file: AppendFile): boolean => {
  try {
    return leadsTo(file, fs.lstatSync(file.path, { bigint: true, throwIfNoEntry: false }))
  } catch {
    return false
  }
}

const leadsTo = (file: AppendFile, stats: fs.BigIntStats | undefined): boolean =>
  stats !== undefined && stats.ino === file.inode && stats.dev === file.device

/** Whether the file still has any name; lines written to a file without one are lost when it is closed. */
export const hasSomeName = (file: AppendFile): Effect.Effect<boolean> =>
  systemCall<fs.Stats>((done) => fs.fstat(file.descriptor, done)).pipe(
    Effect.map((stats) => stats.nlink > 0),
    Effect.orElseSucceed(() => false)
  )

/** The last `count` bytes of the file, or all where it is shorter. */
export const readTail = (descriptor: number, count: number): Effect.Effect<Buffer, Errno> =>
  Effect.gen(function* () {
    const { size } = yield* systemCall<fs.Stats>((done) => fs.fstat(descriptor, done))
    const tail = Buffer.alloc(Math.min(size, count))
    const at = size - tail.length
    const length = yield* systemCall<number>((done) => fs.read(descriptor, tail, 0, tail.length, at, done))
    return tail.subarray(0, length)
  })

/** Cuts the last `count` bytes off the file. */
export const cutOff = (descriptor: number, count: number): Effect.Effect<void, Errno> =>
  systemCall<fs.Stats>((done) => fs.fstat(descriptor, done)).pipe(
    Effect.flatMap(({ size }) => systemCall<void>((done) => fs.ftruncate(descriptor, Math.max(0, size - count), done)))
  )

const cannotOpen = (path: string, cause: Errno, setting: string): LogFileError => {
  const why = explain(cause)
  switch (cause.code) {
    case "ENOENT":
      return new LogFileError({
        reason: "missing-folder",
        path,
        why: "its folder doesn't exist",
        advice: `Create the folder, or set ${setting} to a path in one that exists.`,
        cause
      })
    case "EACCES":
    case "EPERM":
      return new LogFileError({
        reason: "permission",
        path,
        why,
        advice: `Run as a user who may write there (root, usually), or set ${setting}.`,
        cause
      })
    case "EISDIR":
    case "ELOOP":
    case "EMLINK":
    case "ENOTDIR":
    case "ENXIO":
      return notAFile(path, why, setting)
    default:
      return new LogFileError({
        reason: "unavailable",
        path,
        why,
        advice: `Mend that, or set ${setting} to another path.`,
        cause
      })
  }
}

const planted = (path: string, { why }: Folder, setting: string): LogFileError =>
  new LogFileError({
    reason: "unsafe",
    path,
    why: `others can write to its folder${why === "" ? "" : ` (${why})`}, and the file is somebody else's or has a second name`,
    advice: `Remove it, and ${safePlace(setting)}`
  })

const replaceable = (path: string, { why, remedy }: Folder, setting: string): LogFileError =>
  new LogFileError({
    reason: "unsafe",
    path,
    why: `${why}, so that others can put another folder in the place of the log's`,
    advice: `Take that right away (${remedy}), or ${safePlace(setting)}`
  })

const safePlace = (setting: string): string => `set ${setting} to a path in a folder that only root may write to.`

const notAFile = (path: string, why: string, setting: string): LogFileError =>
  new LogFileError({
    reason: "not-a-file",
    path,
    why,
    advice: `Set ${setting} to the true path of a regular file: no link, folder, FIFO or device.`
  })
