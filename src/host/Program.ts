import { execFile } from "node:child_process"
import { access, constants } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { searchPath } from "./System.ts"

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
 *
 * @param input what it reads on standard input
 */
export const ask = (
  program: string,
  words: ReadonlyArray<string>,
  input: Uint8Array = new Uint8Array()
): Effect.Effect<Answer> =>
  Effect.async<Answer>((resume) => {
    const answer = (value: Answer) => {
      clearTimeout(timer)
      resume(Effect.succeed(value))
    }
    const child = execFile(
      program,
      [...words],
      {
        env: { ...process.env, PATH: searchPath(process.env["PATH"]), LC_ALL: "C" },
        killSignal: "SIGKILL",
        maxBuffer: mostOutput
      },
      (error, stdout, stderr) => {
        if (error === null) return answer({ _tag: "Ended", status: 0, stdout, stderr })
        if (typeof error.code === "number") return answer({ _tag: "Ended", status: error.code, stdout, stderr })
        answer({ _tag: neverRan.includes(error.code ?? "") ? "Missing" : "Unanswered" })
      }
    )
    // A program that ends without reading its input is no error.
    child.stdin?.on("error", () => {})
    child.stdin?.end(input)
    const giveUp = () => {
      child.kill("SIGKILL")
      child.stdout?.destroy()
      child.stderr?.destroy()
    }
    // Not execFile's own timeout: that one waits until whoever holds the pipes has let go of them. The program may have ended long
    // ago; or it never began, and then a timer that goes on would keep us from our end.
    const timer = setTimeout(() => {
      giveUp()
      answer({ _tag: "Unanswered" })
    }, patience)
    return Effect.sync(() => {
      clearTimeout(timer)
      giveUp()
    })
  })

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

const neverRan: ReadonlyArray<string> = ["ENOENT", "EACCES", "ENOTDIR"]

/** The last line with text that a program wrote to stderr, without the program's name before it. */
export const lastWords = (stderr: string): string =>
  (stderr.trim().split("\n").at(-1) ?? "").replace(/^\S*?(tcpdump|pfctl|fail2ban-client): /, "")
