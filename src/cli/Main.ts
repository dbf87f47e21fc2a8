import { stripVTControlCharacters } from "node:util"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { CommandFailure } from "./CommandFailure.ts"
import { type Request, readCommandLine } from "./CommandLine.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { print } from "./Print.ts"
import { reportFailure } from "./StderrLog.ts"
import { rootCommand, showHelp, subcommandNames, syntaxNamed } from "./Subcommands.ts"
import { version } from "./Version.ts"

/**
 * The library compares each argument with each flag that it is not, at every start, unless a flag must be longer than this to
 * be corrected. `readCommandLine` makes that suggestion, when something is wrong.
 */
const noCorrection = 1000

/** Runs the command line; every failure is reported on stderr, once, and becomes the exit status. */
export const runCommandLine = (arguments_: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const request = readCommandLine(arguments_.slice(2), subcommandNames, syntaxNamed)
    if (Either.isLeft(request)) return yield* new CommandFailure({ status: ExitStatus.usage, message: request.left })
    yield* answer(request.right, arguments_)
  }).pipe(
    Effect.catchAll((error) =>
      ValidationError.isValidationError(error)
        ? reportFailure(ExitStatus.usage, usageMessage(error))
        : reportFailure(error.status, error.message)
    ),
    Effect.catchAllDefect((defect) =>
      reportFailure(
        ExitStatus.software,
        `internal error: ${Cause.pretty(Cause.die(defect)).split("\n")[0]}. This is a bug in pfasciilogd: please report it.`
      )
    )
  )

const answer = (request: Request, arguments_: ReadonlyArray<string>) => {
  switch (request._tag) {
    case "Help":
      return showHelp(request.topic)
    case "Version":
      return print(version())
    case "Completions":
      return Effect.promise(() => import("./Completions.ts")).pipe(
        Effect.flatMap(({ completionsFor }) => completionsFor(request.shell)),
        Effect.flatMap(print)
      )
    case "Subcommand":
      return runSubcommand([...arguments_.slice(0, 2), ...request.words])
  }
}

const runSubcommand = (arguments_: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const console = yield* Console.consoleWith(Effect.succeed)
    const commandLine = Command.run(
      Command.transformHandler(rootCommand, (handler) => Effect.withConsole(handler, console)),
      { name: "pfasciilogd", version: version(), executable: "pfasciilogd" }
    )
    yield* commandLine(arguments_).pipe(
      Effect.provide(CliConfig.layer({ isCaseSensitive: true, autoCorrectLimit: noCorrection })),
      // The library prints usage errors itself; we report them once.
      Effect.withConsole({ ...console, error: () => Effect.void })
    )
  })

const usageMessage = (error: ValidationError.ValidationError): string => {
  const problem = stripVTControlCharacters(HelpDoc.toAnsiText(error.error))
    .trim()
    .replace(/\s*\n\s*/g, " ")
  return `${problem.replace(/\.?$/, ".")} See "pfasciilogd --help".`
}
