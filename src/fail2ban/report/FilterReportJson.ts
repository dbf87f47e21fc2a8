import { type FilterReport, isSound } from "../judge/FilterReport.ts"
import { verdictOf } from "./Verdict.ts"

/** The report for programs: first the numbers of all filters together, then those of each filter under `patterns`. */
export const filterReportJson = (reports: ReadonlyArray<FilterReport>, total: FilterReport): string =>
  JSON.stringify({ sound: isSound(total), ...numbers(total), patterns: reports.map(described) }, undefined, 2)

const described = (report: FilterReport) => ({ pattern: report.name, sound: isSound(report), ...numbers(report) })

const numbers = (report: FilterReport) => {
  const { missedByKind, examples, ...counts } = report.judgement
  return {
    verdict: verdictOf(report),
    ...counts,
    missedByKind: Object.fromEntries(missedByKind.map(({ kind, count }) => [kind, count])),
    examples,
    audit: report.audit,
    ...(report.givenUp === undefined ? {} : { givenUp: report.givenUp })
  }
}
