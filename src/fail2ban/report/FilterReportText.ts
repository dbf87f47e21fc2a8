import type { FilterReport } from "../judge/FilterReport.ts"
import type { Example } from "../judge/LineTruth.ts"
import { counted, grouped } from "./Counted.ts"
import type { ReportStyle } from "./ReportStyle.ts"
import { verdictOf } from "./Verdict.ts"

/** The longest line that is shown whole; longer ones are cut around the part that matched. */
const longestLine = 600

/** The report for people, in plain English. */
export const filterReportText = (
  reports: ReadonlyArray<FilterReport>,
  total: FilterReport,
  style: ReportStyle
): string => {
  const parts = reports.map((report) => filterText(report, style))
  if (reports.length > 1) parts.push(filterText({ ...total, name: "All together" }, style))
  return `${parts.join("\n\n")}\n`
}

const filterText = (report: FilterReport, style: ReportStyle): string => {
  const { judgement, audit } = report
  const verdict = verdictOf(report)
  const paint = verdict.startsWith("Sound") ? style.good : style.bad
  const unrecognised = judgement.examples.filter(({ kind }) => kind === "unrecognised")
  const wrong = judgement.examples.filter(({ kind }) => kind !== "missed" && kind !== "unrecognised")
  const missed = judgement.examples.filter(({ kind }) => kind === "missed")
  return [
    style.strong(report.name),
    ...countLines(report),
    ...[...wrong, ...missed, ...unrecognised].flatMap((example) => exampleText(titleOf(example), example, style)),
    ...audit.flatMap((finding) =>
      exampleText(
        finding.injected ? `It can be fooled by ${finding.carrier}:` : `It would match ${finding.carrier} wrongly:`,
        finding,
        style
      )
    ),
    "",
    paint(verdict)
  ].join("\n")
}

const countLines = ({ judgement }: FilterReport): ReadonlyArray<string> => {
  const kinds = judgement.missedByKind.map(({ kind, count }) => `${grouped(count)} ${kind}`).join(", ")
  const rows: ReadonlyArray<readonly [string, number, string]> = [
    ["matched", judgement.matched, ""],
    ["of them no probe", judgement.noProbe, ""],
    ["wrong host", judgement.wrongHost, ""],
    ["not blocked inbound", judgement.notBlocked, ""],
    ["ignored", judgement.ignored, ""],
    ["missed", judgement.missed, kinds],
    ["of them probes", judgement.missedProbes, ""],
    ["not recognised", judgement.unrecognised, ""]
  ]
  const width = Math.max(...rows.map(([, count]) => grouped(count).length))
  return [
    `  ${[counted(judgement.lines, "line"), ...shown(judgement)].join(", ")}`,
    ...rows.map(
      ([title, count, note]) =>
        `  ${title.padEnd(20)}${grouped(count).padStart(width)}${note === "" ? "" : `   ${note}`}`
    )
  ]
}

/** What the lines show: packets, scans or both. */
const shown = ({ entries, scans }: FilterReport["judgement"]): ReadonlyArray<string> => [
  ...(scans === 0 || entries > scans ? [counted(entries - scans, "packet")] : []),
  ...(scans === 0 ? [] : [counted(scans, "scan")])
]

const titles: Readonly<Record<Example["kind"], string>> = {
  "wrong host": "Wrong host:",
  passed: "Matched, though it passed:",
  outbound: "Matched, though it did not come in:",
  "other action": "Matched, though it was not blocked:",
  "no packet": "Matched, though it is no packet:",
  missed: "Missed:",
  unrecognised: "Like pf's, but not recognised, so not judged:"
}

const titleOf = ({ kind, missedKind }: Example): string =>
  missedKind === undefined ? titles[kind] : `Missed, ${missedKind}:`

const exampleText = (title: string, example: Example, style: ReportStyle): ReadonlyArray<string> => [
  "",
  `  ${title}`,
  `    ${markedLine(example, style)}`,
  ...(example.names === undefined ? [] : [`    names ${example.names}`]),
  `    truth ${example.truth}`
]

const markedLine = ({ line, matched }: Example, style: ReportStyle): string => {
  const { from, to } = matched ?? { from: 0, to: 0 }
  const start = Math.max(0, Math.min(from - 100, line.length - longestLine))
  const end = Math.min(line.length, start + longestLine)
  const before = printable(line.slice(start, Math.min(from, end)))
  const inside = printable(line.slice(Math.min(from, end), Math.min(to, end)))
  const after = printable(line.slice(Math.min(to, end), end))
  const marked = matched === undefined ? "" : style.mark(inside)
  return `${start > 0 ? "…" : ""}${before}${marked}${after}${end < line.length ? "…" : ""}`
}

/** A log can hold anything; a terminal must not obey it. */
const printable = (text: string): string =>
  text.replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)
