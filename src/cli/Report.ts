import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { logFiles, replayOptions, textOption } from "./ReplayOptions.ts"
import { subcommand } from "./Subcommand.ts"

const options = {
  config: replayOptions.config,
  html: textOption("html", "file", "Write the page for a browser to this file in place of the view for a terminal."),
  jail: replayOptions.jail,
  fail2ban: replayOptions.fail2ban,
  banLog: Options.text("fail2ban-log").pipe(
    Options.withPseudoName("file"),
    Options.withDescription("fail2ban's own log, for the bans that were; /var/log/fail2ban.log where it can be read."),
    Options.optional
  ),
  country: textOption("country", "file.mmdb", "A database of countries, for the sources."),
  asn: textOption("asn", "file.mmdb", "A database of autonomous systems, for the sources."),
  since: textOption("since", "time", "Leave out what came before: 2026-11-22, 2026-11-22T06:00, or 7d ago."),
  until: textOption("until", "time", "Leave out what came from then on."),
  json: Options.boolean("json").pipe(Options.withDescription("Print the report as JSON.")),
  tcpdump: replayOptions.tcpdump,
  files: logFiles("Put into the order of time.")
}

const reportCommand = Command.make("report", options, (request) =>
  // Loaded here, not at the start: the other subcommands need none of it.
  Effect.promise(() => import("./ReportTask.ts")).pipe(Effect.flatMap(({ report }) => report(request)))
).pipe(
  Command.withDescription(
    "Show what was knocking, in one page or on the terminal. It tells whether the log can be trusted, who tried what and when, " +
      "and whom fail2ban would ban."
  )
)

/** `pfasciilogd report`: what the logs hold, as a page or on the terminal. */
export const reportSubcommand = subcommand("report", reportCommand, {
  examples: [
    ["pfasciilogd report --since 7d /var/log/pf.log*", "the last week, on the terminal"],
    ["pfasciilogd report --html /root/pf.html /var/log/pf.log*", "all logs as one page for a browser"]
  ],
  statuses: ["noInput", "unavailable", "cantCreate", "ioError", "configuration"]
})
