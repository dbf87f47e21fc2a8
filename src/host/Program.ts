import { type ChildProcess, spawn } from "node:child_process"
import { access, constants } from "node:fs/promises"
import { join } from "node:path"
import type { Readable } from "node:stream"
import * as Effect from "effect/Effect"
import type { Errno } from "./Errno.ts"
import { searchPath } from "./System.ts"
import { beforeEnd } from "./Termination.ts"

/** What a program of the host answered. */
export type Answer =
  | { readonly _tag: "Ended"; readonly status: number; readonly stdout: string; readonly stderr: string }
  /** It does not exist, or we may not run it. */
  | { readonly _tag: "Missing" }
  /** It did not end in time, wrote far too much, was killed, or could not be started. */
  | { readonly _tag: "Unanswered"; readonly why: string }

/** How a program is run. */
export interface ProgramOptions {
  /** What it reads on standard input; nothing by default. */
  readonly input?: string | Uint8Array
  /** All of its environment; by default ours, with the folders that services lack behind PATH, and the C locale. */
  readonly environment?: Readonly<Record<string, string>>
  /** Needs root: the user and the group whose identity it takes for good, without any other group; it starts in `/`. */
  readonly identity?: { readonly user: number; readonly group: number }
  /** An open file of ours, which it gets as its descriptor 3. */
  readonly descriptor?: number
  /** How long it may take, in milliseconds. */
  readonly patience?: number
  /** How long its own children may hold its pipes open once it has ended, in milliseconds; by default until `patience` is over. */
  readonly pipeGrace?: number
}

// A check must never hang: neither on a program that waits, nor on one that floods us.
const defaultPatience = 5_000
const mostOutput = 4 * 1024 * 1024

/**
 * Runs a program of the host to its end, without a shell; found on PATH or in the folders that services lack. It is killed with
 * all that it has started: when it has answered, when our patience is over, on interruption, and before a signal ends us. It
 * never fails.
 */
export const ask = (
  program: string,
  args: ReadonlyArray<string>,
  { input = "", environment, identity, descriptor, patience = defaultPatience, pipeGrace }: ProgramOptions = {}
): Effect.Effect<Answer> =>
  Effect.async<Answer>((resume) => {
    const child = spawn(program, [...args], {
      stdio: ["pipe", "pipe", "pipe", ...(descriptor === undefined ? [] : [descriptor])],
      env: environment ?? { ...process.env, PATH: searchPath(process.env["PATH"]), LC_ALL: "C" },
      // libuv drops the supplementary groups where a user is given.
      ...(identity === undefined ? {} : { uid: identity.user, gid: identity.group, cwd: "/" }),
      // A group of its own, so that its children can be killed with it.
      detached: true
    })
    const forget = beforeEnd(() => killGroup(child))
    const end = () => {
      clearTimeout(timer)
      clearTimeout(graceTimer)
      forget()
      killGroup(child)
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy()
    }
    const answer = (value: Answer) => {
      end()
      resume(Effect.succeed(value))
    }
    const giveUp = (why: string) => answer({ _tag: "Unanswered", why })
    const stdout = gather(child.stdout, giveUp)
    const stderr = gather(child.stderr, giveUp)
    // A program that ends without reading its input is no error.
    child.stdin?.on("error", () => undefined)
    child.stdin?.end(input)
    const timer = setTimeout(giveUp, patience, `it took longer than ${patience} ms`)
    let graceTimer: NodeJS.Timeout | undefined
    const ended = (status: number | null, signal: NodeJS.Signals | null) => {
      if (status === null) giveUp(`it was killed by ${signal}`)
      else answer({ _tag: "Ended", status, stdout: stdout(), stderr: stderr() })
    }
    child.once("error", (error) => (isMissing(error) ? answer({ _tag: "Missing" }) : giveUp(error.message)))
    child.once("close", ended)
    if (pipeGrace !== undefined) {
      child.once("exit", (status, signal) => {
        graceTimer = setTimeout(ended, pipeGrace, status, signal)
      })
    }
    return Effect.sync(end)
  }).pipe(
    // Node throws where the system has no memory, process or descriptor left for it.
    Effect.catchAllDefect((defect) => Effect.succeed<Answer>({ _tag: "Unanswered", why: String(defect) }))
  )

const killGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL")
  } catch {
    // All of it has ended.
  }
}

/** Gathers the output of a pipe, up to what an answer may have. */
const gather = (pipe: Readable | null, giveUp: (why: string) => void): (() => string) => {
  const chunks: Array<Buffer> = []
  let length = 0
  pipe?.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length > mostOutput) giveUp(`it wrote more than ${mostOutput} bytes`)
  })
  return () => Buffer.concat(chunks).toString()
}

const isMissing = (error: Errno): boolean => ["ENOENT", "EACCES", "ENOTDIR"].includes(error.code ?? "")

/** The path of the program that `ask` would run; nothing where it is missing. */
export const programFile = async (program: string): Promise<string | undefined> => {
  for (const folder of searchPath(process.env["PATH"]).split(":")) {
    const file = join(folder, program)
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false
    )
    if (runs) return file
  }
  return undefined
}

/** The last line with text that a program wrote to stderr, without the program's name before it. */
export const lastLineOf = (stderr: string): string =>
  (stderr.trim().split("\n").at(-1) ?? "").replace(/^\S*?(tcpdump|pfctl|fail2ban-client): /, "")
