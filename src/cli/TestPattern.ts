import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"

const filterOption = Options.text("filter").pipe(
  Options.withPseudoName("FILE|NAME"),
  Options.withDescription(
    "A filter of fail2ban: a file, or a name in its folder filter.d, with parameters as in filter[mode=aggressive]; may be repeated."
  ),
  Options.repeated
)

const patternOption = Options.text("pattern").pipe(
  Options.withPseudoName("REGEX"),
  Options.withDescription("A failregex; may be repeated."),
  Options.repeated
)

const jsonOption = Options.boolean("json").pipe(Options.withDescription("Print the report as JSON."))

const tcpdumpOption = Options.text("tcpdump").pipe(
  Options.withPseudoName("PATH"),
  Options.withDescription("The tcpdump that reads captures."),
  Options.withDefault("tcpdump")
)

const filesArgument = Args.text({ name: "FILE" }).pipe(
  Args.withDescription("A log, or a capture of pflogd; - is standard input. Without any, a set of usual packets."),
  Args.repeated
)

/** `pfasciilogd test-pattern`: judges fail2ban's patterns by what the decoder knows of each line. */
export const testPatternCommand = Command.make(
  "test-pattern",
  { filters: filterOption, patterns: patternOption, json: jsonOption, tcpdump: tcpdumpOption, files: filesArgument },
  (request) =>
    // Loaded here, not at the start: the other subcommands need none of it.
    Effect.promise(() => import("./PatternTrial.ts")).pipe(Effect.flatMap(({ testPatterns }) => testPatterns(request)))
).pipe(
  Command.withDescription(
    "Tells whether fail2ban patterns name the right hosts: judges them by a log whose truth the decoder knows, and by packets " +
      "made to fool them. Without --filter and --pattern it judges the shipped filter. Exit status: 0 sound, 1 unsound, 66 without a packet to judge by. " +
      "Example: pfasciilogd test-pattern --filter pfasciilogd /var/log/pf.log"
  )
)
