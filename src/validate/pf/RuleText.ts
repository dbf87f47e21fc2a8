import type { PfRule } from "./Rule.ts"

/** The end of a remedy that changes pf.conf. */
export const reload = "then: pfctl -f /etc/pf.conf"

/** Each rule once. */
export const unique = (rules: ReadonlyArray<PfRule>): ReadonlyArray<PfRule> => [...new Set(rules)]

/** The first few rules, as pfctl prints them. */
export const rulesText = (rules: ReadonlyArray<PfRule>): string => {
  const shown = rules.slice(0, 3).map(({ text }) => text)
  return `${shown.join("; ")}${rules.length > shown.length ? `; and ${rules.length - shown.length} more` : ""}`
}
