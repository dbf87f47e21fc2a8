import { type FilterReport, isJudged } from "../judge/FilterReport.ts"
import { counted, grouped } from "./Counted.ts"

/** The verdict on a filter in one plain sentence. */
export const verdictOf = (report: FilterReport): string => {
  if (!isJudged(report)) return nothingToJudgeBy(report)
  const { matched, wrongHost, notBlocked, missed, missedByKind, missedProbes, noProbe, unrecognised } = report.judgement
  const faults: Array<string> = report.givenUp === undefined ? [] : [report.givenUp]
  if (wrongHost > 0)
    faults.push(`it names the wrong host for ${wrongHost} of the ${counted(matched, "line")} that it matches`)
  if (notBlocked > 0) faults.push(`it matches ${counted(notBlocked, "line")} of what was not blocked inbound`)
  const injected = report.audit.find((finding) => finding.injected)
  if (injected !== undefined) faults.push(`${injected.carrier} can make it ban any host that the sender chooses`)
  const ordinary = report.audit.find((finding) => !finding.injected)
  if (ordinary !== undefined) faults.push(`it matches ${ordinary.carrier} wrongly`)
  if (faults.length > 0) return `Unsound: ${faults.join(", and ")}.`
  const good =
    unrecognised === 0
      ? "Sound: it names the right host for all that it matches, and no payload that was tried fools it"
      : `Sound on the lines that are recognised; not judged: ${counted(unrecognised, "line")} like pf's, of an unknown form`
  const scans = missedByKind.find(({ kind }) => kind === "scans")?.count ?? 0
  const passed = `it does not match ${counted(missed - scans, "blocked packet")}`
  const notes: Array<string> = []
  if (scans > 0) notes.push(`it does not match ${counted(scans, "scan")}`)
  if (missedProbes > scans) notes.push(`${passed}, ${grouped(missedProbes - scans)} of which can be probes`)
  else if (missed > scans) notes.push(`${passed}, none of which can be a probe`)
  if (noProbe > 0) notes.push(`it counts ${counted(noProbe, "packet")} that can be no probe`)
  return `${[good, ...notes].join("; ")}.`
}

const nothingToJudgeBy = ({ judgement: { lines, unrecognised } }: FilterReport): string => {
  if (lines === 0) return "Nothing to judge by: the log holds no line."
  const reason = `none of the ${counted(lines, "line")} is known to be a packet's`
  if (unrecognised === 0)
    return `Nothing to judge by: ${reason}, nor looks like one (tcpdump -n -e prints them on pflog0).`
  return `Nothing to judge by: ${reason}; ${counted(unrecognised, "line")} like pf's, of an unknown form.`
}
