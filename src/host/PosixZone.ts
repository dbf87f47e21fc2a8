import * as fs from "node:fs"
import { join } from "node:path"

/** Where all systems keep the files of their zones. */
const zoneFolder = "/usr/share/zoneinfo"

const name = "(?:<[\\w+-]+>|[A-Za-z]{3,})"
const time = "[+-]?\\d{1,3}(?::\\d{2}){0,2}"

/** POSIX' rules of a zone: `CET-1CEST,M3.5.0,M10.5.0/3`. Offsets count from local time to UTC. */
const rulesForm = new RegExp(`^${name}(${time})(?:${name}(${time})?(?:,([^,]+),([^,]+))?)?$`)

/** When summer time begins and ends where the rules leave it out, for the C libraries. */
const usualDates = ["M3.2.0", "M11.1.0"]

/** The rules in one form, without the names, so that equal ones are equal texts; nothing where they are none. */
const canonicalRules = (rules: string): string | undefined => {
  const found = rulesForm.exec(rules)
  if (found === null) return undefined
  const [, standard = "", summer, begin = usualDates[0], end = usualDates[1]] = found
  const hasSummerTime = new RegExp(`^${name}${time}${name}`).test(rules)
  if (!hasSummerTime) return String(secondsOf(standard))
  const offsets = [secondsOf(standard), summer === undefined ? secondsOf(standard) - 3600 : secondsOf(summer)]
  return [...offsets, ...[begin, end].map((date) => canonicalDate(date ?? ""))].join(" ")
}

/** Changes happen at two o'clock where the date does not say when. */
const canonicalDate = (date: string): string => {
  const [day = "", at = "2"] = date.split("/")
  return `${day}/${secondsOf(at)}`
}

const secondsOf = (text: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":").map(Number)
  return (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
}

/** The rules that a zone's file ends with, for the time after its last listed change; nothing where it has none. */
export const rulesInFile = (file: string): string | undefined => {
  try {
    const lines = fs.readFileSync(file, "latin1").split("\n")
    return lines.at(-1) === "" ? lines.at(-2) : undefined
  } catch {
    return undefined
  }
}

/**
 * A zone that Node knows and that follows these rules today: Node knows zones by their names only.
 *
 * Zones that have kept their rules for long come first, so that packets of former years get the right time as well. Reads
 * the files of all zones (10 ms).
 *
 * @returns nothing where the text is no rules, or no zone follows them
 */
export const zoneWithRules = (rules: string): string | undefined => {
  const wanted = canonicalRules(rules)
  if (wanted === undefined) return undefined
  const zones = Intl.supportedValuesOf("timeZone").filter(
    (zone) => canonicalRules(rulesInFile(join(zoneFolder, zone)) ?? "") === wanted
  )
  return zones.find(isSteady) ?? zones[0]
}

const firstYear = 2008

/** Whether a zone has had the same offsets for years, in winter and in summer. */
const isSteady = (timeZone: string): boolean => {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
  const years = Array.from({ length: new Date().getFullYear() - firstYear }, (_, index) => firstYear + index)
  return [0, 6].every((month) => {
    const offsets = years.map((year) => format.format(Date.UTC(year, month, 15)).replace(/^.* /, ""))
    return new Set(offsets).size === 1
  })
}
