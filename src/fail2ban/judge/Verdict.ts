import type { AuditFinding } from "../audit/Audit.ts"
import type { Judgement } from "./Judge.ts"

/** All that is found out about one filter, or about several together. */
export interface FilterReport {
  /** What it was asked for by. */
  readonly name: string
  /** What it did with the logs. */
  readonly judgement: Judgement
  /** Lines that it would take wrongly. */
  readonly audit: ReadonlyArray<AuditFinding>
  /** Why the filter was given up before its end, in words that complete "Unsound: …"; it was judged in part only then. */
  readonly givenUp: string | undefined
}

/** Whether there is anything to judge a filter by: a log without a packet's line says nothing of it. */
export const isJudged = ({ judgement, givenUp }: FilterReport): boolean =>
  judgement.entries > 0 || givenUp !== undefined

/**
 * Whether a filter can be trusted with bans: it is not where it takes a line wrongly, or would take one, nor where there was
 * nothing to judge it by.
 */
export const isSound = (report: FilterReport): boolean =>
  isJudged(report) &&
  report.givenUp === undefined &&
  report.judgement.wrongHost === 0 &&
  report.judgement.notBlocked === 0 &&
  report.audit.length === 0

/** The verdict on a filter in one plain sentence. */
export const verdictOf = (report: FilterReport): string => {
  if (!isJudged(report)) return nothingToJudgeBy(report)
  const { matched, wrongHost, notBlocked, missed, missedProbes, noProbe, unrecognised } = report.judgement
  const faults: Array<string> = report.givenUp === undefined ? [] : [report.givenUp]
  if (wrongHost > 0)
    faults.push(`it names the wrong host for ${wrongHost} of the ${plural(matched, "line")} that it matches`)
  if (notBlocked > 0) faults.push(`it matches ${plural(notBlocked, "line")} of what was not blocked inbound`)
  const injected = report.audit.find((finding) => finding.injected)
  if (injected !== undefined) faults.push(`${injected.carrier} can make it ban whomever the sender likes`)
  const ordinary = report.audit.find((finding) => !finding.injected)
  if (ordinary !== undefined) faults.push(`it takes ${ordinary.carrier} wrongly`)
  if (faults.length > 0) return `Unsound: ${faults.join(", and ")}.`
  const good =
    unrecognised === 0
      ? "Sound: all that it matches it names rightly, and no payload that was tried could fool it"
      : `Sound on the lines that are recognised; not judged: ${plural(unrecognised, "line")} like pf's of a form that we don't know`
  const passed = `it passes over ${plural(missed, "blocked packet")}`
  const notes: Array<string> = []
  if (missedProbes > 0) notes.push(`${passed}, ${missedProbes.toLocaleString("en-US")} of which can be probes`)
  else if (missed > 0) notes.push(`${passed}, none of which can be a probe`)
  if (noProbe > 0) notes.push(`it counts ${plural(noProbe, "packet")} that can be no probe`)
  return `${[good, ...notes].join("; ")}.`
}

const nothingToJudgeBy = ({ judgement: { lines, unrecognised } }: FilterReport): string => {
  if (lines === 0) return "Nothing to judge by: the log holds no line."
  const reason = `none of the ${plural(lines, "line")} is known to be a packet's`
  if (unrecognised === 0)
    return `Nothing to judge by: ${reason}, nor looks like one (tcpdump -n -e prints them on pflog0).`
  return `Nothing to judge by: ${reason}; ${plural(unrecognised, "line")} like pf's of a form that we don't know.`
}

/** A number with its noun. */
export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`
