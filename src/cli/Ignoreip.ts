import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { CommandFailure } from "./CommandFailure.ts"
import { configOption, loadConfiguration, settingOptions } from "./ConfigurationOptions.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { subcommand } from "./Subcommand.ts"

const jsonOption = Options.boolean("json").pipe(Options.withDescription("Print the result as JSON."))

const checkOption = Options.text("check").pipe(
  Options.withPseudoName("address"),
  Options.withDescription(
    "Tell whether this address is on the list, and why; exit with 0 where it is, with 1 where not."
  ),
  Options.optional
)

const writeOption = Options.boolean("write").pipe(
  Options.withDescription(
    "Put the list in place for fail2ban: a file that adds to its ignoreip, written only where it has changed."
  )
)

const fileArgument = Args.text({ name: "file" }).pipe(
  Args.withDescription("Where --write puts the list; without it, into fail2ban's folder jail.d."),
  Args.optional
)

const ignoreipCommand = Command.make(
  "ignoreip",
  {
    config: configOption,
    json: jsonOption,
    check: checkOption,
    write: writeOption,
    settings: settingOptions,
    file: fileArgument
  },
  ({ config, settings, ...request }) =>
    loadConfiguration(config, settings).pipe(
      Effect.mapError(({ message }) => new CommandFailure({ status: ExitStatus.configuration, message })),
      Effect.flatMap((configuration) =>
        // Loaded here, not at the start: the other subcommands need none of it.
        Effect.promise(() => import("./IgnoreipTask.ts")).pipe(
          Effect.flatMap(({ ignoreip }) => ignoreip(request, configuration))
        )
      )
    )
).pipe(
  Command.withDescription(
    "List the hosts that must never be banned from this one. Each comes with its reason: own addresses, routers, resolvers, time " +
      "and DHCP servers, hosts logged in by SSH, and guard.never."
  )
)

/** `pfasciilogd ignoreip`: the hosts that must never be banned from this one. */
export const ignoreipSubcommand = subcommand("ignoreip", ignoreipCommand, {
  examples: [
    ["pfasciilogd ignoreip --check 192.0.2.1", "tell whether an address is on the list, and why"],
    ["pfasciilogd ignoreip --write && fail2ban-client reload", "put the list in place for fail2ban"]
  ],
  statuses: ["findings", "unavailable", "cantCreate", "ioError", "noPermission", "configuration"]
})
