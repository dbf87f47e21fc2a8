import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { onTestFinished } from "vitest"

/** The bundled program, as users run it. */
export const program = path.resolve("dist/pfasciilogd.mjs")

/** A folder of the test's own, removed after it. */
export const temporaryFolder = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-"))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Waits for a condition; fails with `what` once the bound is over. */
export const until = async (what: string, condition: () => boolean, bound = 20_000): Promise<void> => {
  const end = Date.now() + bound
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${bound} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Writes a program that stands in for tcpdump: a small shell script. */
export const fakeTcpdump = (folder: string, body: string): string => {
  const file = path.join(folder, "fake-tcpdump")
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

/** Lines as tcpdump prints them, numbered by their sequence number. */
export const numberedLines = (from: number, count: number): string => {
  let lines = ""
  for (let number = from; number < from + count; number++) {
    lines += `1700000000.${String(number % 1_000_000).padStart(6, "0")} rule ${number % 40}/0(match): block in on vtnet0: 198.51.100.7.4242 > 192.0.2.1.22: Flags [S], seq ${number}, win 1024, length 0\n`
  }
  return lines
}

/** The sequence numbers of the entries in a log's text, in order. */
export const numbersIn = (text: string): Array<number> =>
  [...text.matchAll(/^\S+ rule \d+\/0\(match\): block in on vtnet0: .* seq (\d+), win 1024, length 0$/gm)].map(
    (match) => Number(match[1])
  )

/** Text of a file; nothing where it doesn't exist. */
export const textOf = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, "latin1") : "")

/** A running pfasciilogd. */
export interface Daemon {
  readonly process: ChildProcess
  readonly folder: string
  readonly log: string
  readonly pidFile: string
  readonly stderr: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** Waits for the pid file, which tells that signals are taken. */
  readonly ready: () => Promise<void>
  /** Waits for the end; the exit status, or the signal's name. */
  readonly ended: (bound?: number) => Promise<number | string>
}

/** Starts `pfasciilogd run` with a log and a pid file in `folder`; it is killed after the test if it still runs. */
export const startDaemon = (
  folder: string,
  options: ReadonlyArray<string>,
  environment: NodeJS.ProcessEnv = {},
  stdin: "ignore" | "pipe" = "ignore"
): Daemon => {
  const log = path.join(folder, "pf.log")
  const pidFile = path.join(folder, "pf.pid")
  const files = ["--log-file", log, "--pid-file", pidFile].filter(
    (_, index) => !options.includes(index < 2 ? "--log-file" : "--pid-file")
  )
  const child = spawn(process.execPath, [program, "run", ...files, ...options], {
    stdio: [stdin, "ignore", "pipe"],
    env: { ...process.env, ...environment }
  })
  let stderr = ""
  child.stderr?.on("data", (bytes: Buffer) => {
    stderr += bytes.toString()
  })
  const end = new Promise<number | string>((resolve) => {
    child.on("close", (status, signal) => resolve(status ?? signal ?? "unknown"))
  })
  let ended = false
  void end.then(() => {
    ended = true
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
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
    ready: () => until("the pid file is there", () => ended || textOf(pidFile) !== ""),
    ended: async (bound = 30_000) => {
      await until("pfasciilogd has ended", () => ended, bound)
      return end
    }
  }
}

/** Whether a process lives; a zombie that nobody has waited for doesn't. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** The number of the tcpdump that was started last, as the log tells it. */
export const lastTcpdump = (log: string): number =>
  Number([...textOf(log).matchAll(/started tcpdump\[(\d+)\]/g)].at(-1)?.[1] ?? 0)
