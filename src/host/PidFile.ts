import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type Errno, explain, systemCall } from "./Errno.ts"

/**
 * The pid file can't be ours.
 *
 * - `running`: another instance, which lives, has written it
 * - `permission`, `unavailable`: it can't be written
 */
export class PidFileError extends Data.TaggedError("PidFileError")<{
  readonly reason: "running" | "permission" | "unavailable"
  readonly path: string
  readonly why: string
  readonly advice: string
}> {
  override get message(): string {
    return `${this.why}. ${this.advice}`
  }
}

/** Fails where a living instance of ours holds the pid file; a stale file and one with garbage don't count. */
export const refuseSecondInstance = (path: string): Effect.Effect<void, PidFileError> => refuseLivingOwner(path, path)

/** @param file where the pid file lies, which may be beside its own path just now */
const refuseLivingOwner = (file: string, path: string): Effect.Effect<void, PidFileError> =>
  Effect.flatMap(livingOwner(file), (pid) =>
    pid === undefined
      ? Effect.void
      : new PidFileError({
          reason: "running",
          path,
          why: `pfasciilogd is already running with process number ${pid} (${path})`,
          advice: "Stop it first, or give this one a pid file and a log of its own (--pid-file, --log-file)."
        })
  )

/**
 * Writes our process number, followed by LF, into the pid file: as a whole or not at all, and only where no living instance
 * has done so. The file is removed with the scope, if it is still ours.
 */
export const holdPidFile = (path: string): Effect.Effect<void, PidFileError, Scope.Scope> =>
  Effect.acquireRelease(claim(path), () => removeOurs(path))

const claim = (path: string): Effect.Effect<void, PidFileError> => {
  // A link either makes the name or fails because it exists: two instances can't both succeed.
  const own = `${path}.${process.pid}`
  // "wx": in a folder that others may write to, a link that waits under this name isn't followed.
  const prepare = systemCall<void>((done) => fs.writeFile(own, `${process.pid}\n`, { flag: "wx" }, done)).pipe(
    Effect.zipRight(systemCall<void>((done) => fs.chmod(own, 0o644, done)))
  )
  const publish = systemCall<void>((done) => fs.link(own, path, done))
  const cleanUp = Effect.ignore(remove(own))
  return cleanUp.pipe(
    Effect.zipRight(prepare),
    Effect.zipRight(publish),
    Effect.catchIf(
      (error) => error.code === "EEXIST",
      () => refuseSecondInstance(path).pipe(Effect.zipRight(removeStale(path)), Effect.zipRight(publish))
    ),
    // Another instance was quicker.
    Effect.tapError((error) =>
      !(error instanceof PidFileError) && error.code === "EEXIST" ? refuseSecondInstance(path) : Effect.void
    ),
    Effect.ensuring(cleanUp),
    Effect.mapError((error) => (error instanceof PidFileError ? error : cannotWrite(path, error)))
  )
}

/**
 * Removes a pid file that nobody living has written. It is set aside first, and looked at again there: another instance may have
 * replaced it since the last look, and then gets its file back.
 */
const removeStale = (path: string): Effect.Effect<void, Errno | PidFileError> =>
  Effect.gen(function* () {
    const aside = `${path}.${process.pid}.stale`
    const stats = yield* systemCall<fs.Stats>((done) => fs.lstat(path, done)).pipe(Effect.option)
    // A folder stays where it is, and is told by the error of its removal.
    if (Option.isNone(stats) || stats.value.isDirectory()) return yield* remove(path)
    yield* systemCall<void>((done) => fs.rename(path, aside, done)).pipe(
      Effect.catchIf(
        (error) => error.code === "ENOENT",
        () => Effect.void
      )
    )
    yield* refuseLivingOwner(aside, path).pipe(
      Effect.onError(() => Effect.ignore(systemCall<void>((done) => fs.link(aside, path, done)))),
      Effect.ensuring(Effect.ignore(remove(aside)))
    )
  })

/** Removes a name; it is good, too, where somebody else has just done so. */
const remove = (path: string): Effect.Effect<void, Errno> =>
  systemCall<void>((done) => fs.unlink(path, done)).pipe(
    Effect.catchIf(
      (error) => error.code === "ENOENT",
      () => Effect.void
    )
  )

const removeOurs = (path: string): Effect.Effect<void> =>
  Effect.flatMap(readPid(path), (pid) => (pid === process.pid ? Effect.ignore(remove(path)) : Effect.void))

const readPid = (path: string): Effect.Effect<number | undefined> =>
  readStart(path).pipe(
    Effect.map((content) => (/^\d{1,10}\s*$/.test(content) ? Number.parseInt(content, 10) : undefined)),
    Effect.orElseSucceed(() => undefined)
  )

const longestContent = 64

/** The first bytes of a file, which tell whether it can be a pid file; what is none may be huge, or a FIFO that nobody writes. */
const readStart = (path: string): Effect.Effect<string, Errno> =>
  Effect.acquireUseRelease(
    systemCall<number>((done) => fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK, done)),
    (descriptor) => {
      const bytes = Buffer.alloc(longestContent)
      return systemCall<number>((done) => fs.read(descriptor, bytes, 0, longestContent, 0, done)).pipe(
        Effect.map((length) => bytes.toString("latin1", 0, length))
      )
    },
    (descriptor) => Effect.ignore(systemCall<void>((done) => fs.close(descriptor, done)))
  )

const livingOwner = (path: string): Effect.Effect<number | undefined> =>
  Effect.flatMap(readPid(path), (pid) =>
    pid === undefined || pid < 2 || pid === process.pid || !isAlive(pid)
      ? Effect.succeed(undefined)
      : Effect.map(commandLine(pid), (command) => (ourProgram.test(command) ? pid : undefined))
  )

/** Our program as a word of a command line; a mere mention (an editor with our configuration, a folder) doesn't count. */
const ourProgram = /(^|[/\s\0])pfasciilogd(\.mjs)?[\s\0](.*[\s\0])?run([\s\0]|$)/s

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Node throws its ErrnoException here; EPERM: it lives, and belongs to somebody else.
    return (error as Errno).code === "EPERM"
  }
}

/** The command line of a process: a process number is used again, so the number alone doesn't tell who it is. */
const commandLine = (pid: number): Effect.Effect<string> =>
  systemCall<string>((done) => fs.readFile(`/proc/${pid}/cmdline`, "utf8", done)).pipe(
    // FreeBSD has no /proc by default.
    Effect.orElse(() => askPs(pid))
  )

const askPs = (pid: number): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    execFile("ps", ["-ww", "-o", "args=", "-p", String(pid)], (_error, stdout) => resume(Effect.succeed(stdout)))
  })

const cannotWrite = (path: string, cause: Errno): PidFileError => {
  const denied = cause.code === "EACCES" || cause.code === "EPERM"
  return new PidFileError({
    reason: denied ? "permission" : "unavailable",
    path,
    why: `can't write the pid file ${path}: ${cause.code === "ENOENT" ? "its folder doesn't exist" : explain(cause)}`,
    advice: "Set process.pid_file (--pid-file) to a path in a folder that exists and that we may write to."
  })
}
