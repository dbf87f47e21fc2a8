import * as Effect from "effect/Effect"
import { type PythonValue, parsePython } from "../fail2ban/filter/PythonLiteral.ts"
import { ask, lastWords } from "../host/Program.ts"

/** An enabled jail of fail2ban, with all that its configuration comes to. */
export interface Jail {
  readonly name: string
  readonly logs: ReadonlyArray<string>
  readonly failregex: ReadonlyArray<string>
  readonly ignoreregex: ReadonlyArray<string>
  readonly prefregex: string | undefined
  readonly datepattern: string | undefined
  readonly usedns: string | undefined
  readonly ignoreip: ReadonlyArray<string>
  /** Where its action puts bans into pf; none where no action of the jail is one of pf. */
  readonly pf: { readonly anchor: string; readonly table: string } | undefined
}

/** What fail2ban's own reader makes of its configuration. */
export type Jails =
  | { readonly _tag: "Jails"; readonly jails: ReadonlyArray<Jail>; readonly withoutLog: ReadonlyArray<string> }
  /** fail2ban can't read its own configuration, and doesn't start with it. */
  | { readonly _tag: "Refused"; readonly why: string }
  | { readonly _tag: "Unknown"; readonly why: string }

/**
 * Asks fail2ban-client for its configuration (`-d`): all files read as the server would, without a server that runs. It prints
 * a Python list a line, the commands that the server gets.
 */
export const readJails: Effect.Effect<Jails> = Effect.map(ask("fail2ban-client", ["-d"]), (answer) => {
  if (answer._tag === "Missing") return { _tag: "Unknown", why: "this host has no fail2ban-client" }
  if (answer._tag === "Unanswered") return { _tag: "Unknown", why: "fail2ban-client -d doesn't answer" }
  const refusal = /Failed during configuration: (.*)/.exec(answer.stderr)?.[1]
  if (answer.status !== 0 && refusal !== undefined) return { _tag: "Refused", why: refusal }
  const commands = answer.stdout
    .split("\n")
    .map(parsePython)
    .filter((command) => Array.isArray(command))
  if (commands.length === 0) {
    return {
      _tag: "Unknown",
      why: `fail2ban-client -d tells nothing: ${lastWords(answer.stderr) || "no jail is enabled"}`
    }
  }
  // A jail whose log is missing is left out, with this as the only trace.
  const withoutLog = [...answer.stderr.matchAll(/Have not found any log file for (\S+) jail/g)].map(
    ([, name = ""]) => name
  )
  return { _tag: "Jails", jails: jailsIn(commands), withoutLog }
})

type Command = ReadonlyArray<PythonValue>

const jailsIn = (commands: ReadonlyArray<Command>): ReadonlyArray<Jail> =>
  commands
    .filter(([verb]) => verb === "add")
    .map(([, name]) => {
      const options = commands.filter(([verb, jail]) => (verb === "set" || verb === "multi-set") && jail === name)
      // `set JAIL KEY VALUE …`, or `multi-set JAIL KEY [VALUE, …]`
      const valuesOf = (key: string): ReadonlyArray<string> =>
        options
          .filter(([, , option]) => option === key)
          .flatMap(([, , , ...values]) => values.flat())
          .filter((value) => typeof value === "string")
      return {
        name: String(name),
        logs: options.filter(([, , option]) => option === "addlogpath").map(([, , , path]) => String(path)),
        failregex: valuesOf("addfailregex"),
        ignoreregex: valuesOf("addignoreregex"),
        prefregex: valuesOf("prefregex")[0],
        datepattern: valuesOf("datepattern")[0],
        usedns: valuesOf("usedns")[0],
        ignoreip: valuesOf("addignoreip"),
        pf: pfOf(options)
      }
    })

// The action's commands come with all but the address filled in: pfctl -a f2b/pfasciilogd -t f2b-pfasciilogd -T add <ip>
const banning = /pfctl\s+-a\s+"?([^\s"]+)"?\s+-t\s+"?([^\s"]+)"?\s+-T\s+add/

const pfOf = (options: ReadonlyArray<Command>): Jail["pf"] => {
  const texts = options
    .filter(([, , option]) => option === "action")
    .flatMap((option) => option.flat(3))
    .filter((value) => typeof value === "string")
  const [, anchor, table] = texts.map((text) => banning.exec(text)).find((match) => match !== null) ?? []
  return anchor === undefined || table === undefined ? undefined : { anchor, table }
}
