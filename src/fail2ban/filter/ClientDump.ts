import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { ask, lastWords } from "../../host/Program.ts"
import { type PythonValue, parsePython } from "./PythonLiteral.ts"

/**
 * fail2ban's configuration cannot be read.
 *
 * - `missing`: there is no fail2ban-client, or no such folder;
 * - `broken`: fail2ban-client refuses the configuration, or does not answer.
 */
export class ClientDumpError extends Data.TaggedError("ClientDumpError")<{
  readonly reason: "missing" | "broken"
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `fail2ban's configuration cannot be read: ${this.detail}`
  }
}

/** Where fail2ban keeps its configuration: FreeBSD's ports first, then other systems. */
export const configurationFolders: ReadonlyArray<string> = ["/usr/local/etc/fail2ban", "/etc/fail2ban"]

/**
 * What fail2ban itself makes of a configuration folder, with one jail enabled whether it is or not: the commands that its
 * server would get (`fail2ban-client -d`), a list each. Nothing in the folder is changed, and no server needs to run.
 */
export const dumpWithJail = (
  folder: string,
  jail: string
): Effect.Effect<ReadonlyArray<ReadonlyArray<PythonValue>>, ClientDumpError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const overlay = yield* fileSystem.makeTempDirectoryScoped({ prefix: "pfasciilogd-fail2ban-" })
    const link = (from: string, to: string, left: string) =>
      fileSystem.readDirectory(from).pipe(
        Effect.map((names) => names.filter((name) => name !== left)),
        Effect.flatMap((names) =>
          Effect.forEach(names, (name) => fileSystem.symlink(`${from}/${name}`, `${to}/${name}`), { discard: true })
        )
      )
    const absolute = yield* fileSystem.realPath(folder)
    yield* link(absolute, overlay, "jail.d")
    yield* fileSystem.makeDirectory(`${overlay}/jail.d`)
    if (yield* fileSystem.exists(`${absolute}/jail.d`)) yield* link(`${absolute}/jail.d`, `${overlay}/jail.d`, "")
    // fail2ban leaves a jail out whose log does not exist, as on a machine that only has a copy of the configuration.
    yield* fileSystem.writeFileString(
      `${overlay}/jail.d/zzzz-pfasciilogd-simulate.local`,
      `[${jail}]\nenabled = true\nlogpath = /dev/null\n[recidive]\nlogpath = /dev/null\n`
    )
    const answer = yield* ask("fail2ban-client", ["-c", overlay, "-d"])
    if (answer._tag === "Missing")
      return yield* new ClientDumpError({ reason: "missing", detail: "this host has no fail2ban-client." })
    if (answer._tag === "Unanswered")
      return yield* new ClientDumpError({ reason: "broken", detail: "fail2ban-client -d does not answer." })
    const commands = answer.stdout
      .split("\n")
      .map(parsePython)
      .filter((command) => Array.isArray(command))
    if (answer.status !== 0 || commands.length === 0)
      return yield* new ClientDumpError({
        reason: "broken",
        detail: `fail2ban-client -d says: ${lastWords(answer.stderr)}`
      })
    return commands
  }).pipe(
    Effect.scoped,
    Effect.catchTags({
      SystemError: (cause) => unreadable(folder, cause),
      BadArgument: (cause) => unreadable(folder, cause)
    })
  )

const unreadable = (folder: string, cause: PlatformError.PlatformError) =>
  new ClientDumpError({ reason: "missing", detail: `${folder}: ${cause.message}`, cause })
