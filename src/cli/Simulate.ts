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

const flag = (name: string, description: string) => Options.boolean(name).pipe(Options.withDescription(description))

const options = {
  config: configOption,
  jail: text("jail", "name", "The jail of fail2ban to replay, enabled or not; without it, the shipped one."),
  fail2ban: text("fail2ban", "dir", "The folder of fail2ban's configuration that has the jail."),
  filter: text("filter", "file|name", "A filter of fail2ban in place of the jail's."),
  maxretry: text("maxretry", "n", "In place of the jail's maxretry."),
  findtime: text("findtime", "time", "In place of the jail's findtime: 600, 10m, 1d."),
  bantime: text("bantime", "time", "In place of the jail's bantime; -1 is for ever."),
  grid: flag("grid", "Compare 42 choices of maxretry and findtime as well."),
  openLoop: flag("open-loop", "Keep counting the packets of banned hosts, as if the bans had no effect."),
  json: flag("json", "Print the result as JSON, with all bans."),
  tcpdump: Options.text("tcpdump").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("The tcpdump that reads captures."),
    Options.withDefault("tcpdump")
  ),
  files: Args.text({ name: "file" }).pipe(
    Args.withDescription(
      "A log or a capture of pflogd, compressed or not; - is standard input. Logs are read in the order of time."
    ),
    Args.atLeast(1)
  )
}

const simulateCommand = Command.make("simulate", options, (request) =>
  // Loaded here, not at the start: the other subcommands need none of it.
  Effect.promise(() => import("./SimulateTask.ts")).pipe(Effect.flatMap(({ simulate }) => simulate(request)))
).pipe(
  Command.withDescription(
    "Tell whom fail2ban would have banned. It replays fail2ban's rules over existing logs, and shows what is known of each banned host. " +
      "Nothing is banned, and no server needs to run."
  )
)

/** `pfasciilogd simulate`: replays fail2ban's rules over logs. */
export const simulateSubcommand = subcommand("simulate", simulateCommand, {
  examples: [
    ["pfasciilogd simulate --grid /var/log/pf.log*", "replay the shipped jail over all logs, and compare settings"],
    ["pfasciilogd simulate --jail pfasciilogd --maxretry 3 /var/log/pf.log", "try another maxretry on the jail in use"]
  ],
  statuses: ["findings", "noInput", "unavailable", "ioError", "configuration"]
})
