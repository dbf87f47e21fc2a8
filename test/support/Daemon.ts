import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { until } from "./Waiting.ts"

/** The bundled program, as users run it. */
export const program = path.resolve("dist/pfasciilogd.mjs")

/** A copy of the program, in a folder of its own, that other users can read: the sources may be in a folder closed to them. */
const copyForOthers = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-program-"))
  fs.chmodSync(folder, 0o755)
  const copy = path.join(folder, path.basename(program))
  fs.copyFileSync(program, copy)
  return copy
}

/** Writes a program that stands in for tcpdump: a small shell script. */
export const fakeTcpdump = (folder: string, body: string): string => {
  const file = path.join(folder, "fake-tcpdump")
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

/** The text of a file; empty where it does not exist. */
export const textOf = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, "latin1") : "")

/** A running pfasciilogd. */
export interface Daemon {
  readonly process: ChildProcess
  readonly folder: string
  readonly log: string
  readonly pidFile: string
  readonly stderr: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  readonly hasEnded: () => boolean
  /** Waits for the pid file: from then on the daemon takes signals. */
  readonly ready: () => Promise<void>
  /** Waits for the end; the exit status, or the signal's name. */
  readonly ended: (bound?: number) => Promise<number | string>
}

/** How a daemon is started. */
export interface DaemonOptions {
  /** Added to our environment. */
  readonly environment?: NodeJS.ProcessEnv
  readonly stdin?: "ignore" | "pipe"
  /** A command that becomes the daemon, such as `prlimit`, with its arguments. */
  readonly through?: ReadonlyArray<string>
}

/** Starts `pfasciilogd run` with a log and a pid file in `folder`, unless `flags` set others. */
export const runDaemon = (folder: string, flags: ReadonlyArray<string>, options: DaemonOptions = {}): Daemon => {
  const files = { "--log-file": path.join(folder, "pf.log"), "--pid-file": path.join(folder, "pf.pid") }
  const chosen = (flag: keyof typeof files) => (flags.includes(flag) ? flags[flags.indexOf(flag) + 1] : undefined)
  const log = chosen("--log-file") ?? files["--log-file"]
  const pidFile = chosen("--pid-file") ?? files["--pid-file"]
  const others = flags.filter((_, at) => ![at, at - 1].some((index) => (flags[index] ?? "") in files))
  const copy = options.through === undefined ? undefined : copyForOthers()
  const command = [...(options.through ?? []), process.execPath, copy ?? program, "run"]
  const child = spawn(command[0] ?? "", [...command.slice(1), ...others, "--log-file", log, "--pid-file", pidFile], {
    stdio: [options.stdin ?? "ignore", "ignore", "pipe"],
    env: { ...process.env, ...options.environment }
  })
  let stderr = ""
  child.stderr?.on("data", (bytes: Buffer) => {
    stderr += bytes.toString()
  })
  let ended = false
  const end = new Promise<number | string>((resolve) => {
    child.on("close", (status, signal) => {
      ended = true
      if (copy !== undefined) fs.rmSync(path.dirname(copy), { recursive: true, force: true })
      resolve(status ?? signal ?? "unknown")
    })
  })
  return {
    process: child,
    folder,
    log,
    pidFile,
    stderr: () => stderr,
    signal: (signal) => {
      child.kill(signal)
    },
    hasEnded: () => ended,
    ready: async () => {
      await until("the pid file exists", () => ended || textOf(pidFile) !== "")
    },
    ended: async (bound = 30_000) => {
      await until("pfasciilogd has ended", () => ended, bound)
      return end
    }
  }
}

/** Whether a process is alive; a zombie that nobody has waited for is not. */
export const isAlive = (pid: number | undefined): boolean => {
  if (pid === undefined) return false
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
    return /^[^Z\s]/.test(stdout)
  }
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Kills what a daemon that was killed has left: a fake tcpdump leads a process group of its own, and outlives it. */
export const killCaptures = (folder: string): void => {
  const mark = Buffer.from(`\0PFASCIILOGD_CAPTURE=${folder}/`)
  for (const pid of fs.existsSync("/proc/self/environ") ? fs.readdirSync("/proc") : []) {
    if (!/^\d+$/.test(pid)) continue
    try {
      if (fs.readFileSync(`/proc/${pid}/environ`).includes(mark)) process.kill(Number(pid), "SIGKILL")
    } catch {
      // It has just ended.
    }
  }
}

/** The process number of the tcpdump that was started last, once the log tells of one. */
export const lastTcpdump = (log: string): number | undefined => {
  const [, digits] = [...textOf(log).matchAll(/started tcpdump\[(\d+)\]/g)].at(-1) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Kills that tcpdump, once there is one. */
export const killLastTcpdump = async (log: string): Promise<number> => {
  const pid = await until("tcpdump runs", () => lastTcpdump(log))
  process.kill(pid, "SIGKILL")
  return pid
}
