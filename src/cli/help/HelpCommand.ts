import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommandFailure } from "../CommandFailure.ts"
import { subcommand } from "../Subcommand.ts"

const topicArgument = Args.text({ name: "command" }).pipe(
  Args.withDescription("The command whose help is shown; without it, the list of commands."),
  Args.optional
)

/** `pfasciilogd help`: the same pages as `--help` shows. */
export const makeHelpSubcommand = (showHelp: (topic: string | undefined) => Effect.Effect<void, CommandFailure>) =>
  subcommand(
    "help",
    Command.make("help", { topic: topicArgument }, ({ topic }) => showHelp(Option.getOrUndefined(topic))).pipe(
      Command.withDescription("Show the help of a command.")
    ),
    { examples: [["pfasciilogd help run", "show all settings of the service"]], statuses: ["ioError"] }
  )
