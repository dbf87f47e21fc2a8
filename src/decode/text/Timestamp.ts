import type { EpochMicros } from "../PfLogEntry.ts"
import type { Cursor } from "./Cursor.ts"

const space = 0x20
const dot = 0x2e
const comma = 0x2c
const colon = 0x3a
const dash = 0x2d
const plus = 0x2b

/** The last second whose microseconds a number holds exactly, in June 2255. */
export const maxSeconds = 9_007_199_253

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isUpperCase = (code: number): boolean => code >= 0x41 && code <= 0x5a

/**
 * Takes the stamp that tcpdump writes, with the space behind it, if there is one.
 *
 * | stamp | from |
 * |---|---|
 * | `1692000000.000137` | `tcpdump -tt` |
 * | `00:00:00.000137`, ` 00:00:00.000137`, `000137`, `64. 904623` | `tcpdump -ttt`, a delta |
 * | `2023-08-14 10:00:00.000137` | `tcpdump -tttt` |
 * | `10:00:00.000137` | tcpdump |
 * | `Aug 14 10:00:00.000137` | OpenBSD's `tcpdump -ttt` |
 *
 * @returns the time, or `undefined` where there is no stamp, or one without a date
 */
export const tcpdumpTime = (cursor: Cursor): EpochMicros | undefined => {
  const start = cursor.at
  const first = cursor.peek()
  if (isDigit(first)) {
    const time = epochTime(cursor) ?? retry(cursor, start, isoTime)
    if (time !== undefined) return time
  } else if (isUpperCase(first)) {
    monthAndTime(cursor)
    return undefined
  } else if (first !== space) return undefined
  cursor.at = start
  timeOfDay(cursor) || oldDelta(cursor) || oldDeltaWithSeconds(cursor)
  return undefined
}

/** Reads from a place on; where nothing is found the cursor stands there again. */
const retry = <Found>(
  cursor: Cursor,
  start: number,
  read: (cursor: Cursor) => Found | undefined
): Found | undefined => {
  cursor.at = start
  const found = read(cursor)
  if (found === undefined) cursor.at = start
  return found
}

/**
 * Takes the stamp of a line of syslog's or of our own log, with the space behind it: `Aug 14 10:00:00 `,
 * `2023-08-14T10:00:00.000137+02:00 `.
 *
 * @returns the time, `"no date"` of a stamp without a year, or `undefined` where there is none
 */
export const logTime = (cursor: Cursor): EpochMicros | "no date" | undefined => {
  const start = cursor.at
  if (isUpperCase(cursor.peek())) return monthAndTime(cursor) ? "no date" : undefined
  return retry(cursor, start, isoTime)
}

/** Takes `1692000000.000137 `, with micro- or nanoseconds. */
const epochTime = (cursor: Cursor): EpochMicros | undefined => {
  const seconds = cursor.decimal(maxSeconds)
  if (seconds < 0 || !cursor.character(dot)) return undefined
  const micros = cursor.digits(6)
  if (micros < 0) return undefined
  cursor.digits(3)
  return cursor.character(space) ? seconds * 1_000_000 + micros : undefined
}

/** Takes `10:00:00.000137 `, with at most one space before and a fraction of any length or none. */
const timeOfDay = (cursor: Cursor): boolean => {
  const start = cursor.at
  cursor.character(space)
  if (
    cursor.digits(2) >= 0 &&
    cursor.character(colon) &&
    cursor.digits(2) >= 0 &&
    cursor.character(colon) &&
    cursor.digits(2) >= 0 &&
    fraction(cursor) >= 0 &&
    cursor.character(space)
  )
    return true
  cursor.at = start
  return false
}

/** Takes a delta below a second as tcpdump before 4.0 writes it: `000137 `. */
const oldDelta = (cursor: Cursor): boolean => {
  const start = cursor.at
  if (cursor.digits(6) >= 0 && cursor.character(space)) return true
  cursor.at = start
  return false
}

/** Takes a longer one: `64. 904623 `. */
const oldDeltaWithSeconds = (cursor: Cursor): boolean => {
  const start = cursor.at
  if (cursor.decimal(maxSeconds) >= 0 && cursor.literal(". ") && oldDelta(cursor)) return true
  cursor.at = start
  return false
}

/** Takes a fraction, if there is one: its microseconds, or -1 where no digit follows the dot. */
const fraction = (cursor: Cursor): number => {
  if (cursor.peek() !== dot && cursor.peek() !== comma) return 0
  cursor.at++
  const start = cursor.at
  let micros = 0
  while (isDigit(cursor.peek()) && cursor.at < start + 9) {
    if (cursor.at < start + 6) micros = micros * 10 + cursor.peek() - 0x30
    cursor.at++
  }
  if (cursor.at === start) return -1
  return micros * 10 ** Math.max(0, 6 - (cursor.at - start))
}

/** Takes `2023-08-14T10:00:00.000137+02:00 ` or `2023-08-14 10:00:00.000137 `; without an offset it is local time. */
const isoTime = (cursor: Cursor): EpochMicros | undefined => {
  const year = cursor.digits(4)
  if (year < 0 || !cursor.character(dash)) return undefined
  const month = cursor.digits(2)
  if (month < 1 || month > 12 || !cursor.character(dash)) return undefined
  const day = cursor.digits(2)
  if (day < 1 || day > 31 || !(cursor.literal("T") || cursor.character(space))) return undefined
  const hour = cursor.digits(2)
  if (hour < 0 || hour > 23 || !cursor.character(colon)) return undefined
  const minute = cursor.digits(2)
  if (minute < 0 || minute > 59 || !cursor.character(colon)) return undefined
  const second = cursor.digits(2)
  if (second < 0 || second > 60) return undefined
  const micros = fraction(cursor)
  if (micros < 0) return undefined
  if (cursor.character(space)) {
    return new Date(year, month - 1, day, hour, minute, second).getTime() * 1000 + micros
  }
  const offset = offsetMinutes(cursor)
  if (offset === undefined || !cursor.character(space)) return undefined
  return (Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000) * 1000 + micros
}

/** Takes `Z`, `+02:00` or `+0200`. */
const offsetMinutes = (cursor: Cursor): number | undefined => {
  if (cursor.literal("Z")) return 0
  const sign = cursor.peek() === plus ? 1 : cursor.peek() === dash ? -1 : 0
  if (sign === 0) return undefined
  cursor.at++
  const hours = cursor.digits(2)
  cursor.character(colon)
  const minutes = cursor.digits(2)
  return hours < 0 || minutes < 0 ? undefined : sign * (hours * 60 + minutes)
}

/** Takes `Aug 14 10:00:00 ` or `Aug  4 10:00:00.000137 `. */
const monthAndTime = (cursor: Cursor): boolean => {
  const start = cursor.at
  const month = cursor.text.substring(start, start + 3)
  if (!months.includes(month)) return false
  cursor.at += 3
  if (cursor.character(space)) {
    const padded = cursor.character(space)
    const day = cursor.digits(padded ? 1 : 2)
    if (day >= 1 && day <= 31 && cursor.character(space) && timeOfDay(cursor)) return true
  }
  cursor.at = start
  return false
}
