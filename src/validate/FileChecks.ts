import * as fs from "node:fs/promises"
import { dirname } from "node:path"
import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import { type Errno, explain } from "../host/Errno.ts"
import { folderOf, type Openness } from "../host/Folder.ts"
import { refuseSecondInstance } from "../host/PidFile.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"

// Node's file functions fail with its ErrnoException only.
const attempt = <A>(call: () => Promise<A>): Effect.Effect<A, Errno> =>
  Effect.tryPromise({ try: call, catch: (error) => error as Errno })

const folderProblem = (folder: string): Effect.Effect<string | undefined> =>
  attempt(async () => {
    if (!(await fs.stat(folder)).isDirectory()) return `${folder} is not a folder`
    await fs.access(folder, fs.constants.W_OK | fs.constants.X_OK)
    return undefined
  }).pipe(
    Effect.catchAll((error) =>
      Effect.succeed(
        error.code === "ENOENT" ? `the folder ${folder} does not exist` : `the folder ${folder}: ${explain(error)}`
      )
    )
  )

/** Whether the log's folder exists and takes new files, which a rotation needs. */
export const checkLogFolder = ({ file }: Configuration["log"]): Effect.Effect<Finding> =>
  Effect.flatMap(folderProblem(dirname(file)), (problem) =>
    problem === undefined
      ? trustFinding("log folder", file, ["loose"], `${dirname(file)} can be written to`)
      : Effect.succeed(
          failed("log folder", problem, "Create the folder, or set log.file (--log-file) to a path in one that exists.")
        )
  )

/**
 * Whether users other than root and ourselves can change the names in a file's folder.
 *
 * @param refused the kinds of open folders with which `run` does not start
 */
const trustFinding = (
  subject: string,
  file: string,
  refused: ReadonlyArray<Openness>,
  whenGood: string
): Effect.Effect<Finding> =>
  folderOf(file).pipe(
    Effect.map(({ openness, why, remedy }) => {
      if (why === "") return good(subject, whenGood)
      const detail = `${why}, and so can remove or replace ${file}`
      return refused.includes(openness) ? failed(subject, detail, remedy) : warning(subject, detail, remedy)
    }),
    Effect.catchAll((error) => Effect.succeed(failed(subject, explain(error), "Correct that, or set another path.")))
  )

/** Whether the log is a file that we can write to and others cannot. */
export const checkLogFile = ({ file, mode }: Configuration["log"]): Effect.Effect<Finding> =>
  attempt(() => fs.lstat(file)).pipe(
    Effect.flatMap((stats) => {
      if (!stats.isFile()) {
        const kind = stats.isSymbolicLink()
          ? "a symbolic link"
          : stats.isDirectory()
            ? "a folder"
            : "not a regular file"
        return Effect.succeed(
          failed("log file", `${file} is ${kind}`, "Remove it, or set log.file (--log-file) to another path.")
        )
      }
      return attempt(() => fs.access(file, fs.constants.R_OK | fs.constants.W_OK)).pipe(
        Effect.as(ownershipFinding(file, stats.mode & 0o777, mode, stats.uid))
      )
    }),
    Effect.catchAll((error) =>
      error.code === "ENOENT"
        ? Effect.map(folderProblem(dirname(file)), (problem) =>
            problem === undefined
              ? good("log file", `${file} does not exist yet: it is created with mode ${octal(mode)}`)
              : skipped("log file", "its folder has to be right first")
          )
        : Effect.succeed(
            failed("log file", `${file}: ${explain(error)}`, "Let the user that runs pfasciilogd read and write it.")
          )
    )
  )

const ownershipFinding = (file: string, mode: number, wanted: number, owner: number): Finding => {
  const us = process.getuid?.() ?? owner
  if (owner !== us) {
    return warning(
      "log file",
      `${file} belongs to user ${owner}, pfasciilogd runs as user ${us}`,
      `chown ${us} ${file}`
    )
  }
  return (mode & ~wanted) === 0
    ? good("log file", `${file}, mode ${octal(mode)}`)
    : warning(
        "log file",
        `${file} has mode ${octal(mode)}, which allows more than log.mode, ${octal(wanted)}`,
        `chmod ${octal(wanted)} ${file}`
      )
}

const octal = (mode: number): string => `0${mode.toString(8)}`

const littleRoom = 100 * 1024 * 1024

/**
 * The bytes that are available according to statfs(2). Within the reserve of UFS, FreeBSD's count of blocks is negative, and
 * Node shows it as a number near 2^64: that means no room, not 16 exabytes.
 */
export const freeBytes = (blocks: bigint, blockSize: bigint): number => {
  const signed = BigInt.asIntN(64, blocks)
  return signed <= 0n ? 0 : Number(signed * blockSize)
}

/** Whether the log has room to grow. */
export const checkRoom = ({ file }: Configuration["log"]): Effect.Effect<Finding> =>
  attempt(() => fs.statfs(dirname(file), { bigint: true })).pipe(
    Effect.map(({ bavail, bsize }) => {
      const room = freeBytes(bavail, bsize)
      const detail = `${Math.floor(room / 1024 ** 2)} MiB are free in ${dirname(file)}`
      const remedy = "Make room, or set log.file (--log-file) to a path on another disk."
      if (room === 0) return failed("room", detail, remedy)
      return room < littleRoom ? warning("room", detail, remedy) : good("room", detail)
    }),
    Effect.orElseSucceed(() => skipped("room", `the free space is unknown in ${dirname(file)}`))
  )

/** Whether the pid file can be written. */
export const checkPidFolder = ({ pidFile }: Configuration["process"]): Effect.Effect<Finding> =>
  Effect.flatMap(folderProblem(dirname(pidFile)), (problem) =>
    problem === undefined
      ? trustFinding("pid file", pidFile, ["loose", "open"], `${pidFile} can be written`)
      : Effect.succeed(
          failed(
            "pid file",
            problem,
            "Create the folder, or set process.pid_file (--pid-file) to a path in one that exists."
          )
        )
  )

/** Whether an instance is running: that is as it should be for a service, but keeps a second one from starting. */
export const checkInstance = ({ pidFile }: Configuration["process"]): Effect.Effect<Finding> =>
  refuseSecondInstance(pidFile).pipe(
    Effect.as(good("instance", "none is running")),
    Effect.catchAll((error) =>
      Effect.succeed(good("instance", `${error.why}: a second one with this pid file would be refused`))
    )
  )

/** Whether the saved captures exist and can be read. */
export const checkSavedCaptures = ({ read }: Configuration["capture"]): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.forEach(
    read.filter((file) => file !== "-"),
    (file) =>
      attempt(() => fs.access(file, fs.constants.R_OK)).pipe(
        Effect.as(good("saved capture", `${file} can be read`)),
        Effect.catchAll((error) =>
          Effect.succeed(failed("saved capture", `${file}: ${explain(error)}`, "Correct capture.read (--read)."))
        )
      )
  )
