import * as fs from "node:fs"
import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import { ask } from "../host/Program.ts"

/** The environment variable by which a capturing tcpdump, and all that it starts, is known as ours. */
const variable = "PFASCIILOGD_CAPTURE"

/** Marks a command as started by the instance with this pid file, of which only one runs at a time. */
export const markAsOurs = (command: Command.Command, pidFile: string): Command.Command =>
  Command.env(command, { [variable]: pidFile })

/**
 * Kills what an earlier run of this instance has left behind that was killed itself: its tcpdump, which ends by itself with the
 * next packet, but holds the interface for as long as none comes. To be called before anything is started.
 *
 * @returns the process numbers of what was killed
 */
export const killLeftovers = (pidFile: string): Effect.Effect<ReadonlyArray<number>> =>
  Effect.map(process.platform === "linux" ? Effect.sync(() => markedByProc(pidFile)) : markedByPs(pidFile), (pids) =>
    pids.filter((pid) => pid !== process.pid && kill(pid))
  )

const kill = (pid: number): boolean => {
  try {
    return process.kill(pid, "SIGKILL")
  } catch {
    // It has just ended, or belongs to another user, who can set any variable.
    return false
  }
}

const markedByProc = (pidFile: string): ReadonlyArray<number> =>
  fs.readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) && isMarked(name, pidFile) ? [Number(name)] : []))

const isMarked = (pid: string, pidFile: string): boolean => {
  try {
    return `\0${fs.readFileSync(`/proc/${pid}/environ`, "utf8")}`.includes(`\0${variable}=${pidFile}\0`)
  } catch {
    return false
  }
}

/** The BSDs' ps(1) shows the environment behind or before the command with -e, that of macOS with -E. */
const markedByPs = (pidFile: string): Effect.Effect<ReadonlyArray<number>> =>
  Effect.map(
    ask("ps", [process.platform === "darwin" ? "-axEww" : "-axeww", "-o", "pid=", "-o", "command="]),
    (answer) => (answer._tag === "Ended" ? markedIn(answer.stdout, pidFile) : [])
  )

/** The processes of a ps listing that are marked. */
export const markedIn = (listing: string, pidFile: string): ReadonlyArray<number> =>
  listing.split("\n").flatMap((line) => {
    const [, pid, rest = ""] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    return pid !== undefined && `${rest} `.includes(`${variable}=${pidFile} `) ? [Number(pid)] : []
  })
