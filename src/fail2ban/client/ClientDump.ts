import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type Answer, ask, lastLineOf } from "../../host/Program.ts"
import { type PythonValue, parsePython } from "./PythonLiteral.ts"

/** One command that fail2ban's server gets: `['set', 'sshd', 'maxretry', 5]`. */
export type ServerCommand = ReadonlyArray<PythonValue>

/** What fail2ban itself makes of its configuration. */
export interface ClientDump {
  readonly commands: ReadonlyArray<ServerCommand>
  /** The jails that fail2ban leaves out because their log does not exist. */
  readonly withoutLog: ReadonlyArray<string>
}

/**
 * fail2ban does not say what it makes of its configuration.
 *
 * - `no-client`: this host has no fail2ban-client
 * - `no-answer`: fail2ban-client does not end in time, or floods us
 * - `refused`: fail2ban refuses its configuration, and does not start with it
 * - `failed`: fail2ban-client fails for another reason, or prints no command
 * - `unreadable`: the folder cannot be read or copied
 */
export class ClientDumpError extends Data.TaggedError("ClientDumpError")<{
  readonly reason: "no-client" | "no-answer" | "refused" | "failed" | "unreadable"
  readonly why: string
}> {
  override get message(): string {
    return `fail2ban's configuration cannot be read: ${this.why}.`
  }
}

/**
 * Asks fail2ban-client for its configuration (`-d`): it reads all files as the server would, without a running server, and
 * prints the commands that the server would get, a Python list on each line.
 *
 * @param folder a configuration other than the host's own
 */
export const readClientDump = (folder?: string): Effect.Effect<ClientDump, ClientDumpError> =>
  Effect.flatMap(ask("fail2ban-client", [...(folder === undefined ? [] : ["-c", folder]), "-d"]), dumpIn)

const dumpIn = (answer: Answer): Effect.Effect<ClientDump, ClientDumpError> => {
  if (answer._tag === "Missing") return failure("no-client", "this host has no fail2ban-client")
  if (answer._tag === "Unanswered") return failure("no-answer", "fail2ban-client -d does not answer")
  const { status, stderr, stdout } = answer
  if (status !== 0) {
    const refusal = /Failed during configuration: (.*)/.exec(stderr)?.[1]
    return refusal === undefined
      ? failure("failed", `fail2ban-client -d fails: ${/ERROR\s+(.*)/.exec(stderr)?.[1] ?? lastLineOf(stderr)}`)
      : failure("refused", refusal)
  }
  const commands = stdout
    .split("\n")
    .map(parsePython)
    .filter((command) => Array.isArray(command))
  if (commands.length === 0) return failure("failed", `fail2ban-client -d prints no command: ${lastLineOf(stderr)}`)
  // The warning is the only trace of a jail that is left out.
  const left = stderr.matchAll(/Have not found any log file for (\S+) jail/g)
  return Effect.succeed({ commands, withoutLog: [...left].map(([, name = ""]) => name) })
}

const failure = (reason: ClientDumpError["reason"], why: string) => new ClientDumpError({ reason, why })
