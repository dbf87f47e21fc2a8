import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import { configOption } from "./ConfigurationOptions.ts"

/** An option that is empty where it is not given. */
export const textOption = (name: string, pseudoName: string, description: string) =>
  Options.text(name).pipe(
    Options.withPseudoName(pseudoName),
    Options.withDescription(description),
    Options.withDefault("")
  )

/** What the subcommands that replay a jail over logs all ask for, beside the logs. */
export const replayOptions = {
  config: configOption,
  jail: textOption("jail", "name", "The jail of fail2ban to replay, enabled or not; without it, the shipped one."),
  fail2ban: textOption("fail2ban", "dir", "The folder of fail2ban's configuration that has the jail."),
  tcpdump: Options.text("tcpdump").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("The tcpdump that reads captures."),
    Options.withDefault("tcpdump")
  )
}

/** The logs that are replayed. */
export const logFiles = (order: string) =>
  Args.text({ name: "file" }).pipe(
    Args.withDescription(`A log or a capture of pflogd, compressed or not; - is standard input. ${order}`),
    Args.atLeast(1)
  )
