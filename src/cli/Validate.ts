import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { hostFiles } from "../host/System.ts"
import { type Finding, failed, good, needsAttention } from "../validate/Finding.ts"
import { findingsJson, findingsTable } from "../validate/FindingsTable.ts"
import { usesColour } from "./Colour.ts"
import { configOption, loadRunConfiguration, settingOptions } from "./ConfigurationOptions.ts"
import { ExitStatus, exitStatusOf } from "./ExitStatus.ts"
import { print } from "./Print.ts"
import { subcommand } from "./Subcommand.ts"

const jsonOption = Options.boolean("json").pipe(Options.withDescription("Print the findings as JSON."))

const beforeStartOption = Options.boolean("before-start").pipe(
  Options.withDescription("Check only what run cannot work without, and fail for that only: for service scripts.")
)

const quietOption = Options.boolean("quiet").pipe(
  Options.withDescription("Print only what needs attention, and nothing where nothing does.")
)

const validateCommand = Command.make(
  "validate",
  {
    config: configOption,
    json: jsonOption,
    beforeStart: beforeStartOption,
    quiet: quietOption,
    settings: settingOptions
  },
  ({ config, json, beforeStart, quiet, settings }) =>
    loadRunConfiguration(config, settings).pipe(
      Effect.flatMap((configuration) =>
        Effect.promise(() => import("../validate/Checks.ts")).pipe(
          Effect.flatMap(({ runChecks }) => runChecks(configuration, hostFiles, beforeStart ? "before-start" : "all"))
        )
      ),
      Effect.map((findings) => {
        const all = [good("configuration", "it is read and accepted"), ...findings]
        const isOpen = beforeStart ? ({ verdict }: Finding) => verdict === "failed" : needsAttention
        return { findings: all, status: all.some(isOpen) ? ExitStatus.findings : ExitStatus.ok }
      }),
      Effect.catchTag("ConfigurationError", (error) =>
        Effect.succeed({
          findings: error.problems.map((problem) =>
            failed("configuration", problem, "Correct it; see pfasciilogd(8).")
          ),
          status: exitStatusOf(error)
        })
      ),
      Effect.tap(({ findings, status }) => {
        const shown = quiet ? findings.filter(needsAttention) : findings
        if (shown.length === 0) return Effect.void
        return print(json ? findingsJson(shown, status) : findingsTable(shown, usesColour()))
      }),
      Effect.flatMap(({ status }) =>
        Effect.sync(() => {
          process.exitCode = status
        })
      )
    )
).pipe(
  Command.withDescription(
    "Check the configuration and the host, and say what to do. It looks at tcpdump, interface, log, newsyslog, pf and fail2ban, with the settings that run would have."
  )
)

/** `pfasciilogd validate`: what is misconfigured on this host, and the remedy. */
export const validateSubcommand = subcommand("validate", validateCommand, {
  examples: [
    ["pfasciilogd validate", "check this host"],
    ["pfasciilogd validate --config ./pfasciilogd.toml", "check a configuration before it is put in place"]
  ],
  statuses: ["findings", "ioError", "configuration"]
})
