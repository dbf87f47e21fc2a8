import type * as Command from "@effect/cli/Command"
import type { ExitStatus } from "./ExitStatus.ts"
import { type Syntax, syntaxOf } from "./help/Syntax.ts"

/** What the help of a subcommand says beyond its syntax. */
export interface HelpNotes {
  /** Two or three command lines, each with what it does. */
  readonly examples: ReadonlyArray<readonly [commandLine: string, meaning: string]>
  /** The exit statuses that scripts can count on, `ok` and `usage` aside, which every subcommand has. */
  readonly statuses: ReadonlyArray<keyof typeof ExitStatus>
}

/** A subcommand: as the library parses and runs it, and as the help shows it. */
export interface Subcommand<Name extends string, R, E, A> extends HelpNotes {
  readonly command: Command.Command<Name, R, E, A>
  readonly name: Name
  /** What may follow its name; made anew by each call, because few starts need it. */
  readonly syntax: () => Syntax
}

/** Makes a subcommand of the library's command, whose description begins with a sentence for the list of subcommands. */
export const subcommand = <Name extends string, R, E, A>(
  name: Name,
  command: Command.Command<Name, R, E, A>,
  notes: HelpNotes
): Subcommand<Name, R, E, A> => ({ ...notes, command, name, syntax: () => syntaxOf(name, command) })
