import * as Effect from "effect/Effect"
import { ask } from "../host/Program.ts"
import { type Finding, good, skipped, warning } from "./Finding.ts"

const halfAYear = 182 * 86_400

/**
 * Whether the local time of our lines is that of the system's C library, as date(1) knows it: now, and in the other season.
 *
 * @param tz TZ as our caller has set it
 */
export const checkTimeZone = (tz: string | undefined): Effect.Effect<Finding> =>
  Effect.gen(function* () {
    const now = Math.floor(Date.now() / 1000)
    const seconds = [now, now + halfAYear]
    const theirs = yield* Effect.forEach(seconds, (second) => systemOffset(tz, second))
    const ours = seconds.map(ourOffset)
    const known = theirs.filter((offset) => offset !== undefined)
    if (known.length < theirs.length) return skipped("time zone", "date(1) does not tell the system's offset from UTC")
    return known.join() === ours.join()
      ? good("time zone", `lines have the system's local time: ${described(ours)}`)
      : warning(
          "time zone",
          `lines have local time of ${described(ours)}, but the system's is ${described(known)}${tz === undefined ? "" : `, by TZ=${JSON.stringify(tz)}`}`,
          "Set TZ to the name of a zone, such as Europe/Berlin, for this program and for fail2ban, and start both again."
        )
  })

const systemOffset = (tz: string | undefined, second: number): Effect.Effect<string | undefined> => {
  const date = ["date", ...(process.platform === "linux" ? ["-d", `@${second}`] : ["-r", String(second)]), "+%z"]
  return ask("env", tz === undefined ? date : [`TZ=${tz}`, ...date]).pipe(
    Effect.map((answer) => {
      const offset = answer._tag === "Ended" ? answer.stdout.trim() : ""
      return /^[+-]\d{4}$/.test(offset) ? offset : undefined
    })
  )
}

const ourOffset = (second: number): string => {
  const minutes = -new Date(second * 1000).getTimezoneOffset()
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}${String(rest).padStart(2, "0")}`
}

const described = ([now = "", later = ""]: ReadonlyArray<string>): string =>
  now === later ? `${now} all year` : `${now} now, ${later} in half a year`
