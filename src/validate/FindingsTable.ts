import { type Finding, needsAttention, type Verdict } from "./Finding.ts"

// Green, yellow, red, grey.
const colours: Readonly<Record<Verdict, number>> = { good: 32, warning: 33, failed: 31, skipped: 90 }

/** The findings as a table for people: a line each, the remedy below what needs one, and the sum at the end. */
export const findingsTable = (findings: ReadonlyArray<Finding>, coloured: boolean): string => {
  const verdictWidth = Math.max(...findings.map(({ verdict }) => verdict.length))
  const checkWidth = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ verdict, check, detail, remedy }) => {
    const word = verdict.padEnd(verdictWidth)
    const told = coloured ? `\u001b[${colours[verdict]}m${word}\u001b[0m` : word
    const below = remedy === undefined ? [] : [`${" ".repeat(verdictWidth + checkWidth + 4)}remedy: ${remedy}`]
    return [`${told}  ${check.padEnd(checkWidth)}  ${detail}`, ...below]
  })
  return [...lines, summary(findings)].join("\n")
}

const summary = (findings: ReadonlyArray<Finding>): string => {
  const open = findings.filter(needsAttention).length
  if (open === 0) return "Nothing needs your attention."
  return open === 1 ? "1 finding needs your attention." : `${open} findings need your attention.`
}

/** The findings for programs: one JSON object with the exit status and the checks in order. */
export const findingsJson = (findings: ReadonlyArray<Finding>, status: number): string =>
  JSON.stringify({ status, checks: findings }, null, 2)
