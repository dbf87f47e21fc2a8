import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { subcommand } from "./Subcommand.ts"

const filterOption = Options.text("filter").pipe(
  Options.withPseudoName("file|name"),
  Options.withDescription(
    "A filter of fail2ban: a file, or a name in its folder filter.d, with parameters as in filter[mode=aggressive]."
  ),
  Options.repeated
)

const patternOption = Options.text("pattern").pipe(
  Options.withPseudoName("regex"),
  Options.withDescription("A failregex."),
  Options.repeated
)

const jsonOption = Options.boolean("json").pipe(Options.withDescription("Print the report as JSON."))

const tcpdumpOption = Options.text("tcpdump").pipe(
  Options.withPseudoName("path"),
  Options.withDescription("The tcpdump that reads captures; found on PATH where it is not given."),
  Options.withDefault("tcpdump")
)

const filesArgument = Args.text({ name: "file" }).pipe(
  Args.withDescription(
    "A log, or a capture of pflogd; - is standard input. Without any, a set of usual packets and scans."
  ),
  Args.repeated
)

const testPatternCommand = Command.make(
  "test-pattern",
  { filters: filterOption, patterns: patternOption, json: jsonOption, tcpdump: tcpdumpOption, files: filesArgument },
  (request) =>
    // Loaded here, not at the start: the other subcommands need none of it.
    Effect.promise(() => import("./TestPatternTask.ts")).pipe(Effect.flatMap(({ testPattern }) => testPattern(request)))
).pipe(
  Command.withDescription(
    "Tell whether fail2ban patterns name the right hosts. It judges them by a log whose truth the decoder knows, and by packets made to fool them. Without --filter and --pattern it judges the shipped filters, of packets and of scans. A log without a packet to judge by counts as missing input."
  )
)

/** `pfasciilogd test-pattern`: judges fail2ban's patterns by what the decoder knows of each line. */
export const testPatternSubcommand = subcommand("test-pattern", testPatternCommand, {
  examples: [
    ["pfasciilogd test-pattern --filter pfasciilogd /var/log/pf.log", "judge the installed filter by today's log"],
    ["pfasciilogd test-pattern --pattern 'block in on \\w+: <HOST>'", "judge a pattern of your own"]
  ],
  statuses: ["findings", "noInput", "unavailable", "ioError"]
})
