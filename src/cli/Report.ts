import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { configOption } from "./ConfigurationOptions.ts"
import { subcommand } from "./Subcommand.ts"

const text = (name: string, pseudoName: string, description: string) =>
  Options.text(name).pipe(
    Options.withPseudoName(pseudoName),
    Options.withDescription(description),
    Options.withDefault("")
  )

const options = {
  config: configOption,
  html: text("html", "file", "Write the page for a browser to this file in place of the view for a terminal."),
  jail: text("jail", "name", "The jail of fail2ban to replay, enabled or not; without it, the shipped one."),
  fail2ban: text("fail2ban", "dir", "The folder of fail2ban's configuration that has the jail."),
  banLog: Options.text("fail2ban-log").pipe(
    Options.withPseudoName("file"),
    Options.withDescription("fail2ban's own log, for the bans that were; /var/log/fail2ban.log where it can be read."),
    Options.optional
  ),
  country: text("country", "file.mmdb", "A database of countries, for the sources."),
  asn: text("asn", "file.mmdb", "A database of autonomous systems, for the sources."),
  since: text("since", "time", "Leave out what came before: 2026-11-22, 2026-11-22T06:00, or 7d ago."),
  until: text("until", "time", "Leave out what came from then on."),
  json: Options.boolean("json").pipe(Options.withDescription("Print the report as JSON.")),
  tcpdump: Options.text("tcpdump").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("The tcpdump that reads captures."),
    Options.withDefault("tcpdump")
  ),
  files: Args.text({ name: "file" }).pipe(
    Args.withDescription(
      "A log or a capture of pflogd, compressed or not; - is standard input. Put into the order of time."
    ),
    Args.atLeast(1)
  )
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
