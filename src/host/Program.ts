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
  /** It isn't there, or may not be run. */
  | { readonly _tag: "Missing" }
  /** It neither ended in time nor kept quiet. */
  | { readonly _tag: "Unanswered" }

// A check must never hang: neither on a program that waits, nor on one that floods us.
const patience = 5_000
const mostOutput = 4 * 1024 * 1024

/**
 * Runs a program of the host, found on our PATH or in the folders that services lack, without a shell and in the C locale.
 * It ends with all that it has started: when it has answered, when our patience ends, when nobody waits any more, and before
 * a signal ends us.
 *
 * @param input what it reads on standard input
 */
export const ask = (
  program: string,
  words: ReadonlyArray<string>,
  input: Uint8Array = new Uint8Array()
): Effect.Effect<Answer> =>
  Effect.async<Answer>((resume) => {
    const child = spawn(program, [...words], {
      env: { ...process.env, PATH: searchPath(process.env["PATH"]), LC_ALL: "C" },
      // A group of its own, so that what it starts can be ended with it.
      detached: true
    })
    const forget = beforeEnd(() => killGroup(child))
    const end = () => {
      clearTimeout(timer)
      forget()
      killGroup(child)
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const answer = (value: Answer) => {
      end()
      resume(Effect.succeed(value))
    }
    const stdout = gather(child.stdout, () => answer({ _tag: "Unanswered" }))
    const stderr = gather(child.stderr, () => answer({ _tag: "Unanswered" }))
    // A program that ends without reading its input is no error.
    child.stdin.on("error", () => undefined)
    child.stdin.end(input)
    // Who holds the pipes when the program has ended, a child of its own, may go on for as long as it likes.
    const timer = setTimeout(answer, patience, { _tag: "Unanswered" })
    child.once("error", (error) => answer({ _tag: isMissing(error) ? "Missing" : "Unanswered" }))
    child.once("close", (status) =>
      answer(status === null ? { _tag: "Unanswered" } : { _tag: "Ended", status, stdout: stdout(), stderr: stderr() })
    )
    return Effect.sync(end)
  }).pipe(
    // Node throws where the system has no process or descriptor left for it.
    Effect.catchAllDefect(() => Effect.succeed<Answer>({ _tag: "Unanswered" }))
  )

const killGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL")
  } catch {
    // All of it has ended.
  }
}

/** Gathers what a pipe gives, up to what an answer may have. */
const gather = (pipe: Readable, tooMuch: () => void): (() => string) => {
  const chunks: Array<Buffer> = []
  let length = 0
  pipe.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length > mostOutput) tooMuch()
  })
  return () => Buffer.concat(chunks).toString()
}

const isMissing = (error: Errno): boolean => ["ENOENT", "EACCES", "ENOTDIR"].includes(error.code ?? "")

/** Where a program of the host lies that `ask` would run; nothing where it is missing. */
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
export const lastWords = (stderr: string): string =>
  (stderr.trim().split("\n").at(-1) ?? "").replace(/^\S*?(tcpdump|pfctl|fail2ban-client): /, "")
