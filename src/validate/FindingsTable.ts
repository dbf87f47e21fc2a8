import { type CheckVerdict, type Finding, needsAttention } from "./Finding.ts"

/** Characters that control a terminal, end a line or change the direction of text: C0, DEL, C1, Unicode's separators and marks. */
const controls = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * Makes text that others wrote (names of jails, rules, output of programs) safe to print: root reads findings on a terminal.
 * Characters that control the terminal become `\xNN` or `\uNNNN`.
 */
const printable = (text: string): string =>
  text.replace(controls, (character) => {
    const code = character.charCodeAt(0).toString(16)
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`
  })

const printableFinding = (finding: Finding): Finding => ({
  check: printable(finding.check),
  verdict: finding.verdict,
  detail: printable(finding.detail),
  ...(finding.remedy === undefined ? {} : { remedy: printable(finding.remedy) })
})

// Green, yellow, red, grey.
const colours: Readonly<Record<CheckVerdict, number>> = { good: 32, warning: 33, failed: 31, skipped: 90 }

/** The findings as a table for people: a line for each, the remedy below it, and a summary at the end. */
export const findingsTable = (found: ReadonlyArray<Finding>, coloured: boolean): string => {
  const findings = found.map(printableFinding)
  const verdictWidth = Math.max(...findings.map(({ verdict }) => verdict.length))
  const checkWidth = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ verdict, check, detail, remedy }) => {
    const padded = verdict.padEnd(verdictWidth)
    const cell = coloured ? `\u001b[${colours[verdict]}m${padded}\u001b[0m` : padded
    const below = remedy === undefined ? [] : [`${" ".repeat(verdictWidth + checkWidth + 4)}remedy: ${remedy}`]
    return [`${cell}  ${check.padEnd(checkWidth)}  ${detail}`, ...below]
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
  JSON.stringify({ status, checks: findings.map(printableFinding) }, null, 2)
