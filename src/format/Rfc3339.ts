import type { EpochMicros } from "../decode/PfLogEntry.ts"
import type { LineWriter } from "./LineWriter.ts"

const microsAMinute = 60_000_000

const twoDigits: ReadonlyArray<string> = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"))

const two = (number: number): string => twoDigits[number] ?? String(number)

/** What the stamps of one minute share: all in front of the seconds, and all behind the fraction. */
interface Minute {
  readonly front: string
  readonly back: string
}

/**
 * Makes a writer of time stamps after RFC 3339 with microseconds. Minutes are what it remembers: an offset from UTC changes
 * only between two of them.
 */
const makeStamp = (describe: (date: Date) => Minute): ((time: EpochMicros) => string) => {
  let known = Number.NaN
  let minute: Minute = { front: "", back: "" }
  return (time) => {
    const micros = Math.floor(time)
    const number = Math.floor(micros / microsAMinute)
    if (number !== known) {
      minute = describe(new Date(number * 60_000))
      known = number
    }
    const rest = micros - number * microsAMinute
    const seconds = Math.floor(rest / 1_000_000)
    const fraction = String(1_000_000 + rest - seconds * 1_000_000)
    return `${minute.front}${two(seconds)}.${fraction.substring(1)}${minute.back}`
  }
}

const offset = (minutesBehindUtc: number): string => {
  const minutes = Math.abs(minutesBehindUtc)
  return `${minutesBehindUtc > 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

const year = (number: number): string => String(number).padStart(4, "0")

/** Makes a writer of local time, in the zone of the process: `2026-11-22T06:16:54.507027+01:00`. */
export const makeLocalStamp = (): ((time: EpochMicros) => string) =>
  makeStamp((date) => ({
    front: `${year(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}:`,
    back: offset(date.getTimezoneOffset())
  }))

/** Makes a writer of UTC: `2026-11-22T05:16:54.507027Z`. */
export const makeUtcStamp = (): ((time: EpochMicros) => string) =>
  makeStamp((date) => ({ front: date.toISOString().substring(0, 17), back: "Z" }))

const zero = 0x30
const fractionDigits = 6

/** Writes time stamps as bytes: those of one second differ in the fraction only. */
export class StampWriter {
  private readonly stamp: (time: EpochMicros) => string
  private second = Number.NaN
  /** The stamp of the second's start. */
  private template: Uint8Array = new Uint8Array()
  /** Where the last digit of the fraction stands. */
  private lastDigit = 0

  /** @param stamp what is to be written: ASCII, with six digits behind its only dot */
  constructor(stamp: (time: EpochMicros) => string) {
    this.stamp = stamp
  }

  /** Appends the stamp of a time, given in whole seconds and the microseconds behind them. */
  write(second: number, fraction: number, lines: LineWriter): void {
    if (second !== this.second) this.remember(second)
    const { template, lastDigit } = this
    lines.reserve(template.length)
    const { bytes, length } = lines
    bytes.set(template, length)
    // Whole numbers of 32 bits divide quicker than those of 64.
    let rest = fraction | 0
    for (let at = length + lastDigit; rest > 0; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = zero + rest - tenth * 10
      rest = tenth
    }
    lines.length = length + template.length
  }

  private remember(second: number): void {
    const text = this.stamp(second * 1_000_000)
    this.second = second
    this.template = Buffer.from(text, "latin1")
    this.lastDigit = text.lastIndexOf(".") + fractionDigits
  }
}
