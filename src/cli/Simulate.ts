import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { logFiles, replayOptions, textOption } from "./ReplayOptions.ts"
import { subcommand } from "./Subcommand.ts"

const flag = (name: string, description: string) => Options.boolean(name).pipe(Options.withDescription(description))

const options = {
  config: replayOptions.config,
  jail: replayOptions.jail,
  fail2ban: replayOptions.fail2ban,
  filter: textOption("filter", "file|name", "A filter of fail2ban in place of the jail's."),
  maxretry: textOption("maxretry", "n", "In place of the jail's maxretry."),
  findtime: textOption("findtime", "time", "In place of the jail's findtime: 600, 10m, 1d."),
  bantime: textOption("bantime", "time", "In place of the jail's bantime; -1 is for ever."),
  grid: flag("grid", "Compare 42 choices of maxretry and findtime as well."),
  openLoop: flag("open-loop", "Keep counting the packets of banned hosts, as if the bans had no effect."),
  json: flag("json", "Print the result as JSON, with all bans."),
  tcpdump: replayOptions.tcpdump,
  files: logFiles("Logs are read in the order of time.")
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
