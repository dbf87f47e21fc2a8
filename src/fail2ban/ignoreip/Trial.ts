import * as fs from "node:fs"
import * as os from "node:os"
import { basename, join, resolve } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Errno, explain, systemCall } from "../../host/Errno.ts"
import { ask, lastWords } from "../../host/Program.ts"
import { type PythonValue, parsePython } from "../filter/PythonLiteral.ts"

/**
 * fail2ban can't be asked what it makes of its configuration.
 *
 * - `missing`: there is no fail2ban-client
 * - `broken`: it refuses the configuration, without any file of ours
 * - `unreadable`: the folder can't be read, or no copy of it made
 */
export class TrialError extends Data.TaggedError("TrialError")<{
  readonly reason: "missing" | "broken" | "unreadable"
  readonly folder: string
  readonly why: string
}> {
  override get message(): string {
    return `fail2ban can't be asked about ${this.folder}: ${this.why}.`
  }
}

/** A jail as fail2ban reads it: which logs it follows, and whom it never bans. */
export interface TriedJail {
  readonly name: string
  readonly logs: ReadonlyArray<string>
  readonly ignoreip: ReadonlyArray<string>
}

/** What a trial comes to: the jails, or why fail2ban refuses. */
export type Outcome =
  | { readonly _tag: "Read"; readonly jails: ReadonlyArray<TriedJail> }
  | { readonly _tag: "Refused"; readonly why: string }

/**
 * Has fail2ban read its configuration as if these files stood in jail.d, and none of `without`, with the jail enabled whether it
 * is or not. Nothing in the folder is changed: a file that breaks the configuration would keep fail2ban from its next start.
 *
 * @param files texts by name
 */
export const tryFiles = (
  folder: string,
  jail: string,
  without: ReadonlyArray<string>,
  files: ReadonlyMap<string, string>
): Effect.Effect<Outcome, TrialError> =>
  Effect.gen(function* () {
    const copy = yield* shadowOf(resolve(folder), [...without, ...files.keys()])
    for (const [name, text] of files) yield* write(join(copy, "jail.d", name), text)
    // fail2ban leaves a jail out whose log doesn't exist.
    yield* write(join(copy, "jail.d", lastOfAll), `[${jail}]\nenabled = true\nlogpath = /dev/null\n`)
    const answer = yield* ask("fail2ban-client", ["-c", copy, "-d"])
    if (answer._tag === "Missing") return yield* failure("missing", folder, "this host has no fail2ban-client")
    if (answer._tag === "Unanswered") return yield* failure("broken", folder, "fail2ban-client -d doesn't answer")
    const commands = answer.stdout
      .split("\n")
      .map(parsePython)
      .filter((command) => Array.isArray(command))
    return answer.status === 0
      ? { _tag: "Read" as const, jails: jailsIn(commands) }
      : { _tag: "Refused" as const, why: reasonIn(answer.stderr) }
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) =>
      error instanceof TrialError ? error : new TrialError({ reason: "unreadable", folder, why: explain(error) })
    )
  )

const failure = (reason: TrialError["reason"], folder: string, why: string) => new TrialError({ reason, folder, why })

// Sorts behind every other file of jail.d.
const lastOfAll = "~pfasciilogd-trial.local"

const reasonIn = (stderr: string): string =>
  /Failed during configuration: (.*)/.exec(stderr)?.[1] ?? /ERROR\s+(.*)/.exec(stderr)?.[1] ?? lastWords(stderr)

/** A folder of links to all that fail2ban's folder has, but for some files of jail.d. It goes with the scope. */
const shadowOf = (folder: string, without: ReadonlyArray<string>): Effect.Effect<string, Errno, Scope.Scope> =>
  Effect.gen(function* () {
    const copy = yield* Effect.acquireRelease(
      systemCall<string>((done) => fs.mkdtemp(join(os.tmpdir(), "pfasciilogd-fail2ban-"), done)),
      (path) => Effect.ignore(systemCall<void>((done) => fs.rm(path, { recursive: true, force: true }, done)))
    )
    const link = (from: string, to: string, left: ReadonlyArray<string>) =>
      Effect.flatMap(namesIn(from), (names) =>
        Effect.forEach(
          names.filter((name) => !left.includes(name)),
          (name) => systemCall<void>((done) => fs.symlink(join(from, name), join(to, basename(name)), done)),
          { discard: true }
        )
      )
    yield* link(folder, copy, ["jail.d"])
    yield* systemCall<void>((done) => fs.mkdir(join(copy, "jail.d"), done))
    yield* link(join(folder, "jail.d"), join(copy, "jail.d"), without)
    return copy
  })

const namesIn = (folder: string) => systemCall<Array<string>>((done) => fs.readdir(folder, done))

const write = (path: string, text: string) => systemCall<void>((done) => fs.writeFile(path, text, { flag: "wx" }, done))

const jailsIn = (commands: ReadonlyArray<ReadonlyArray<PythonValue>>): ReadonlyArray<TriedJail> =>
  commands
    .filter(([verb]) => verb === "add")
    .map(([, name]) => {
      const values = (option: string) =>
        commands
          .filter(([verb, jail, key]) => verb === "set" && jail === name && key === option)
          .flatMap(([, , , ...rest]) => rest.map(String))
      // `set JAIL addlogpath PATH head`
      return { name: String(name), logs: values("addlogpath"), ignoreip: values("addignoreip") }
    })
