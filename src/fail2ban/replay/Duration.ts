/** fail2ban's units in its order (`MyTime.str2seconds` in its mytime.py), with their lengths in seconds. */
const units: ReadonlyArray<readonly [names: string, seconds: number]> = [
  ["days?|da|dd?", 86_400],
  ["weeks?|wee?|ww?", 604_800],
  ["months?|mon?", 2_629_800],
  ["years?|yea?|yy?", 31_557_600],
  ["seconds?|sec?|ss?", 1],
  ["minutes?|min?|mm?", 60],
  ["hours?|hou?|hh?", 3600]
]

const replacements = units.map(
  ([names, seconds]) => [new RegExp(`(?<=[\\d\\s])(?:${names})\\b`, "gi"), `*${seconds}`] as const
)

/**
 * Reads a time as fail2ban does, in seconds: `600`, `10m`, `1d 12h`, `1hour+30min`, `-1`.
 *
 * @returns nothing for any other text; fail2ban would evaluate it as Python
 */
export const parseDuration = (text: string): number | undefined => {
  let sum = text.trim().replace(/(?<=[a-z])(\d)/gi, " $1")
  for (const [unit, factor] of replacements) sum = sum.replace(unit, factor)
  sum = sum.replace(/(\d)\s+(?=\d)/g, "$1+").replace(/\s+/g, "")
  if (!/^[+-]?\d+(?:\.\d+)?(?:[-+*]\d+(?:\.\d+)?)*$/.test(sum)) return undefined
  return [...sum.matchAll(/([+-]?)([^+-]+)/g)].reduce((total, [, sign, product = ""]) => {
    const value = product.split("*").reduce((result, factor) => result * Number(factor), 1)
    return sign === "-" ? total - value : total + value
  }, 0)
}
