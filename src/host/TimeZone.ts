import * as fs from "node:fs"
import { rulesInFile, zoneWithRules } from "./PosixZone.ts"

/** A zone without summer time, as POSIX writes it: a name and the hours west of Greenwich, `UTC-3` or `<+03>-3`. */
const fixedZone = /^(?:<[\w+-]+>|[A-Za-z]{3,})([+-]?)0?(\d{1,2})(?::?00)*$/

/** Where the names of zones begin in the path of a zone's file. */
const zoneFolder = /^.*\/zoneinfo\//

/** TZ as our caller has set it: `settleTimeZone` puts another in its place. */
export const givenTimeZone: string | undefined = process.env["TZ"]

/**
 * The name under which Node knows the zone that TZ means to the C library. Node itself takes `:NAME`, a file and POSIX rules for
 * an unknown zone, or for one with another offset, without a warning.
 *
 * @returns nothing where TZ means the zone of the host, and UTC where Node has no such zone; `validate` warns of that
 */
export const zoneNameOf = (tz: string): string | undefined => {
  const name = tz.replace(/^:/, "")
  if (name === "" || name === "/etc/localtime") return name === "" ? "UTC" : undefined
  if (name.startsWith("/")) return zoneOfFile(name)
  const [, sign = "", hours = ""] = fixedZone.exec(name) ?? []
  if (hours !== "") return Number(hours) === 0 ? "UTC" : `Etc/GMT${sign === "-" ? "-" : "+"}${Number(hours)}`
  return knownZone(name) ?? zoneWithRules(name) ?? "UTC"
}

/** A zone's file has its zone's name, or a copy somewhere else has its rules. */
const zoneOfFile = (path: string): string => {
  try {
    return knownZone(fs.realpathSync(path).replace(zoneFolder, "")) ?? zoneWithRules(rulesInFile(path) ?? "") ?? "UTC"
  } catch {
    return "UTC"
  }
}

const knownZone = (name: string): string | undefined => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return name
  } catch {
    return undefined
  }
}

/** Makes this process write the local time that TZ means to the C library, or UTC where Node can't. */
export const settleTimeZone = (): void => {
  const tz = process.env["TZ"]
  if (tz === undefined) return
  const name = zoneNameOf(tz)
  if (name === undefined) delete process.env["TZ"]
  else if (name !== tz) process.env["TZ"] = name
}
