import * as Command from "@effect/cli/Command"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { nearest } from "../config/Nearest.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { makeHelpSubcommand } from "./help/HelpCommand.ts"
import { type PageStyle, rootPage, subcommandPage } from "./help/HelpPage.ts"
import type { Syntax } from "./help/Syntax.ts"
import { ignoreipSubcommand } from "./Ignoreip.ts"
import { print } from "./Print.ts"
import { reportSubcommand } from "./Report.ts"
import { runSubcommand } from "./Run.ts"
import { simulateSubcommand } from "./Simulate.ts"
import { testPatternSubcommand } from "./TestPattern.ts"
import { validateSubcommand } from "./Validate.ts"
import { version } from "./Version.ts"

/**
 * All subcommands, in the order in which the help lists them: the one list of them. Help, completions, and what is checked
 * of the command line follow from it.
 */
const subcommands = [
  runSubcommand,
  validateSubcommand,
  ignoreipSubcommand,
  testPatternSubcommand,
  simulateSubcommand,
  reportSubcommand,
  makeHelpSubcommand((topic) => showHelp(topic))
] as const

/** The program's whole command, as the library parses it. */
export const rootCommand = Command.make("pfasciilogd").pipe(
  Command.withDescription("Follows the packets that pf logs on pflog0 and writes a log that fail2ban can read."),
  Command.withSubcommands(Arr.map(subcommands, ({ command }) => command))
)

const subcommandNamed = (sought: string) => subcommands.find(({ name }) => name === sought)

/** The names of all subcommands. */
export const subcommandNames: ReadonlyArray<string> = subcommands.map(({ name }) => name)

/** The syntax of a subcommand; nothing where the subcommand does not exist. */
export const syntaxNamed = (name: string): Syntax | undefined => subcommandNamed(name)?.syntax()

/** Shows the page of a subcommand, or of the program. */
export const showHelp = (topic: string | undefined): Effect.Effect<void, CommandFailure> => {
  if (topic === undefined)
    return print(
      rootPage(
        version(),
        subcommands.map((subcommand) => subcommand.syntax()),
        pageStyle()
      )
    )
  const found = subcommandNamed(topic)
  if (found !== undefined) return print(subcommandPage({ ...found, syntax: found.syntax() }, pageStyle()))
  const suggestion = nearest(topic, subcommandNames)
  const hint = suggestion === undefined ? "" : ` Did you mean '${suggestion}'?`
  return Effect.fail(
    new CommandFailure({
      status: ExitStatus.usage,
      message: `${JSON.stringify(topic)} is no subcommand.${hint} See "pfasciilogd --help".`
    })
  )
}

/** Texts are made for 80 columns, and use up to 100 where the terminal is as wide. */
const pageStyle = (): PageStyle => ({
  width: process.stdout.isTTY === true ? Math.min(100, Math.max(40, process.stdout.columns || 80)) : 80,
  strong: usesColour() ? (text) => `\u001b[1m${text}\u001b[0m` : (text) => text
})
