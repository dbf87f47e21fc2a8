import { stripVTControlCharacters } from "node:util"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Span from "@effect/cli/HelpDoc/Span"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { placedSettings } from "../config/Configuration.ts"
import { nearest } from "../config/Nearest.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { ignoreipCommand } from "./Ignoreip.ts"
import { reportFailure } from "./Report.ts"
import { runCommand } from "./Run.ts"
import { simulateCommand } from "./Simulate.ts"
import { testPatternCommand } from "./TestPattern.ts"
import { validateCommand } from "./Validate.ts"

/** Set by scripts/build.ts to the version in package.json. */
declare const PFASCIILOGD_VERSION: string

const subcommands = [runCommand, validateCommand, ignoreipCommand, testPatternCommand, simulateCommand] as const

const rootCommand = Command.make("pfasciilogd").pipe(
  Command.withDescription("Follows the packets that pf logs on pflog0 and writes a log that fail2ban can read."),
  Command.withSubcommands(subcommands)
)

/**
 * The library compares each argument with each flag that it is not, at every start, unless a flag must be longer than this to
 * be corrected; and doesn't tell what it finds where flags may be left out. We do, when something is wrong.
 */
const noCorrection = 1000

/** Runs the command line; every failure is told on stderr, once, and becomes the exit status. */
export const runCommandLine = (arguments_: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (arguments_.length <= 2)
      return yield* reportFailure(ExitStatus.usage, 'a subcommand is missing. See "pfasciilogd --help".')
    const console = yield* Console.consoleWith(Effect.succeed)
    const commandLine = Command.run(
      Command.transformHandler(rootCommand, (handler) => Effect.withConsole(handler, console)),
      {
        name: "pfasciilogd",
        version: PFASCIILOGD_VERSION,
        executable: "pfasciilogd",
        summary: Span.text("pf's logged packets as a log that fail2ban can follow")
      }
    )
    yield* commandLine(arguments_).pipe(
      Effect.provide(CliConfig.layer({ isCaseSensitive: true, autoCorrectLimit: noCorrection })),
      Effect.withConsole(plainConsole(console))
    )
  }).pipe(
    Effect.catchAll((error) => {
      if (error instanceof CommandFailure) return reportFailure(error.status, error.message)
      return reportFailure(
        ExitStatus.usage,
        ValidationError.isValidationError(error) ? usageMessage(error, arguments_.slice(2)) : String(error)
      )
    }),
    Effect.catchAllDefect((defect) =>
      reportFailure(
        ExitStatus.software,
        `internal error: ${Cause.pretty(Cause.die(defect)).split("\n")[0]}. This is a bug in pfasciilogd: please report it.`
      )
    )
  )

/** The library prints usage errors itself, and colours; we print them once, and colour on a terminal only. */
const plainConsole = (console: Console.Console): Console.Console => ({
  ...console,
  log: (...parts) =>
    console.log(...parts.map(String).map((part) => (usesColour() ? part : stripVTControlCharacters(part)).trimEnd())),
  error: () => Effect.void
})

const usageMessage = (error: ValidationError.ValidationError, words: ReadonlyArray<string>): string => {
  const said = stripVTControlCharacters(HelpDoc.toAnsiText(error.error))
    .trim()
    .replace(/\s*\n\s*/g, " ")
  // The library doesn't say what it found in a subcommand's place.
  const found = ValidationError.isCommandMismatch(error) ? `${JSON.stringify(words[0] ?? "")}: ` : ""
  return `${found}${repetition(words) ?? said.replace(/\.?$/, ".")}${suggestion(said)} See "pfasciilogd --help".`
}

const flagOf = (word: string): string => word.replace(/=.*/s, "")

/** A flag that may be given once and was given again, which the library calls unknown. */
const repetition = (words: ReadonlyArray<string>): string | undefined => {
  const repeated = words
    .map(flagOf)
    .find((word, at, all) => word !== "--read" && settingFlags.includes(word) && all.indexOf(word) < at)
  return repeated === undefined ? undefined : `'${repeated}' is given more than once.`
}

const settingFlags = placedSettings.map(({ setting }) => `--${setting.flag}`)

/** What an unknown flag was probably meant to be. */
const suggestion = (said: string): string => {
  const unknown = flagOf(/unknown argument: '(--[^']+)'/.exec(said)?.[1] ?? "")
  const meant = nearest(unknown, [...settingFlags, "--config"])
  return meant === undefined || meant === unknown ? "" : ` Did you mean '${meant}'?`
}
