import type { Amount, BanFacts, SensorFacts, Signatures } from "./Report.ts"
import { counted, duration, number } from "./Units.ts"

/** A number that may be a lower bound. */
export const amountText = ({ count, exact }: Amount): string => `${exact ? "" : "at least "}${number(count)}`

/** What speaks against trusting the log; empty where nothing does. */
export const sensorWarnings = ({
  dropped,
  silences,
  unknownLines,
  otherLines,
  partial
}: SensorFacts): ReadonlyArray<string> => [
  ...(dropped > 0
    ? [`The kernel dropped ${counted(dropped, "packet")} before tcpdump could read them: they are missing here.`]
    : []),
  ...(silences.count > 0
    ? [
        `${counted(silences.count, "silence")}, far longer than the usual gap of up to ${duration(silences.usual)} between packets.`
      ]
    : []),
  ...(unknownLines > 0
    ? [`${counted(unknownLines, "line is neither a packet nor ours", "lines are neither packets nor ours")}.`]
    : []),
  ...(otherLines > 0
    ? [
        `${counted(otherLines, "line of tcpdump is no packet that we understand", "lines of tcpdump are no packets that we understand")}.`
      ]
    : []),
  ...partial
]

/** What the numbers leave out, where that is anything. */
export const asideText = ({ lines, undated, outside }: SensorFacts): ReadonlyArray<string> => [
  `${counted(lines, "line")} read.`,
  ...(outside > 0 ? [`${counted(outside, "packet")} before or after the period that was asked for are left out.`] : []),
  ...(undated > 0 ? [`${counted(undated, "packet")} without a date are in no chart and no ban.`] : [])
]

/** The kinds of signatures, in the order in which they are shown. */
export const signatureKinds: ReadonlyArray<{
  readonly kind: keyof Signatures
  readonly title: string
  readonly meaning: string
}> = [
  { kind: "vertical", title: "Vertical scans", meaning: "One source, many ports." },
  { kind: "horizontal", title: "Horizontal scans", meaning: "One source, many destinations." },
  { kind: "slow", title: "Slow sources", meaning: "Many probes over hours, too slow for the jail." },
  { kind: "shared", title: "Networks that share the work", meaning: "Several members, none with most of the probes." },
  {
    kind: "backscatter",
    title: "Backscatter",
    meaning: "Answers to packets that this host did not send: somebody uses its address, or the answers are late."
  }
]

/** Why a rule's number is no name. */
export const instability =
  "A rule's number changes whenever the ruleset does: it is the rule of that time, not of now. " +
  "Give rules a ridentifier (FreeBSD 13 and later), which stays."

/** What the bans come to, in sentences. */
export const banWords = (bans: BanFacts): ReadonlyArray<string> => {
  const worrying = bans.rows.filter(({ roles }) => roles !== "").length
  return [
    `Jail ${bans.jail}: ${bans.rules}. ${counted(bans.counted, "packet")} count.`,
    bans.total === 0
      ? "Nobody would be banned."
      : `${counted(bans.total, "ban")} of ${counted(bans.hosts, "host")} would keep out ${counted(bans.prevented, "packet")}.`,
    ...(worrying === 0 ? [] : [`${counted(worrying, "ban")} should worry you, and stand first.`]),
    ...(bans.notReplayed === 0
      ? []
      : [
          `${counted(bans.notReplayed, "packet")} came from more hosts at a time than can be remembered: bans may be missing.`
        ]),
    ...(bans.real === undefined
      ? []
      : [`fail2ban itself banned ${number(bans.real.total)} times in this period, says ${bans.real.file}.`])
  ]
}
