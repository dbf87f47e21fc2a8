/** What pf's rules are now, by number and by identifier. */
export interface RuleTexts {
  readonly byNumber: ReadonlyMap<number, string>
  readonly byIdentifier: ReadonlyMap<number, string>
}

/** `@3 block drop in log quick on em0 all label "scans" ridentifier 1000`; what stands further right is in an anchor. */
const ruleLine = /^@(\d+)(?:\(\d+\))?\s+(.*?)\s*\{?$/

/**
 * Reads what `pfctl -vvsr` prints: of each rule its label, or else its text. Rules inside an inline anchor, which pfctl
 * indents and numbers on their own, are known by their identifier only.
 */
export const parseRuleTexts = (text: string): RuleTexts => {
  const byNumber = new Map<number, string>()
  const byIdentifier = new Map<number, string>()
  for (const line of text.split("\n")) {
    const [, number, rule] = ruleLine.exec(line.trim()) ?? []
    if (rule === undefined) continue
    const shown = /\blabel "([^"]+)"/.exec(rule)?.[1] ?? rule
    const identifier = /\bridentifier (\d+)\b/.exec(rule)?.[1]
    if (identifier !== undefined) byIdentifier.set(Number(identifier), shown)
    if (line.startsWith("@")) byNumber.set(Number(number), shown)
  }
  return { byNumber, byIdentifier }
}
