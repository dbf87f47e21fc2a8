import { access, constants, type Stats, stat } from "node:fs"
import { join } from "node:path"
import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import { installTcpdump } from "../config/Host.ts"
import { systemCall } from "../log/Errno.ts"
import { TcpdumpError } from "./CaptureError.ts"

/**
 * Fails where a command names no program that can be executed. It is looked for as execvp(3) does: under the name itself
 * where that has a slash, else in the folders of the command's PATH.
 *
 * @param program what the message calls it
 */
export const requireExecutable = (command: Command.Command, program: string): Effect.Effect<void, TcpdumpError> =>
  Effect.gen(function* () {
    const [{ command: name, env }] = Command.flatten(command)
    const folders = Option.getOrElse(HashMap.get(env, "PATH"), () => process.env["PATH"] ?? "").split(":")
    const candidates = name.includes("/") ? [name] : folders.map((folder) => join(folder, name))
    let isThere = false
    for (const path of candidates) {
      const isFile = yield* systemCall<Stats>((done) => stat(path, done)).pipe(
        Effect.map((stats) => stats.isFile()),
        Effect.orElseSucceed(() => false)
      )
      const isExecutable = isFile && Option.isSome(yield* Effect.option(mayExecute(path)))
      if (isExecutable) return
      isThere ||= isFile
    }
    return yield* new TcpdumpError(isThere ? notExecutable(program) : missing(program))
  })

const mayExecute = (path: string) => systemCall<void>((done) => access(path, constants.X_OK, done))

const missing = (program: string) => ({
  reason: "missing" as const,
  program,
  why: "there is no such program",
  advice: `Install it (${installTcpdump(process.platform)}), or set capture.tcpdump (--tcpdump) to its path.`
})

const notExecutable = (program: string) => ({
  reason: "permission" as const,
  program,
  why: "permission denied",
  advice: "It must be an executable file: see capture.tcpdump (--tcpdump)."
})
