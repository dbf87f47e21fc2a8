import { parseDuration } from "../../fail2ban/replay/Duration.ts"

const dateAndTime = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * Reads the value of `--since` or `--until`: a day or a time (`2026-11-22`, `2026-11-22T06:00`, `2026-11-22T06:00:00+01:00`;
 * local where nothing else is said), or how long ago (`7d`, `12h`).
 *
 * @returns seconds since 1970, or nothing where it is none of these
 */
export const parsePeriod = (text: string, now: Date): number | undefined => {
  const parts = dateAndTime.exec(text)
  if (parts === null) {
    const ago = /^\d/.test(text) && /[a-z]/i.test(text) ? parseDuration(text) : undefined
    return ago === undefined ? undefined : Math.floor(now.getTime() / 1000 - ago)
  }
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone = ""] = parts
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone
  const millis = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`)
  // JavaScript takes February 30 for March 2.
  const isReal = Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  return Number.isNaN(millis) || !isReal ? undefined : Math.floor(millis / 1000)
}
