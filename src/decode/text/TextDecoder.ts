import type { DecodedSink, Decoder } from "../Decoder.ts"
import { type EpochMicros, type PfLogEntry, plainEntry } from "../PfLogEntry.ts"
import { Cursor } from "./Cursor.ts"
import { KnownHeads } from "./KnownHeads.ts"
import { type LineSink, LineSplitter } from "./Lines.ts"
import { leadingTime } from "./Prefix.ts"
import { TextEntry } from "./TextEntry.ts"
import { maxSeconds } from "./Timestamp.ts"

const space = 0x20
const dot = 0x2e
const zero = 0x30

/** All reading is synchronous and never nested, so these serve every line. */
const cursor = new Cursor()
const heads = new KnownHeads()
const noBytes = Buffer.alloc(0)
let lineEntry: TextEntry | undefined

/**
 * Reads a line that is a string.
 *
 * @param isComplete whether a line feed ended the line
 */
const readLine = (line: string, isComplete: boolean): TextEntry | undefined => {
  cursor.reset(line, 0, line.length)
  const time = leadingTime(cursor)
  const textStart = cursor.at
  const head = heads.read(cursor)
  if (head === undefined) return undefined
  lineEntry ??= new TextEntry(head, noBytes)
  const seconds = wholeSeconds(time)
  lineEntry.fill(seconds, microsBehind(time, seconds), head, cursor.at - textStart, noBytes, 0, 0, false)
  lineEntry.setLine(line, textStart, isComplete)
  return lineEntry
}

const wholeSeconds = (time: EpochMicros | undefined): number => Math.floor((time ?? 0) / 1_000_000)

/** The microseconds of a time behind its whole seconds; negative where there is no time. */
const microsBehind = (time: EpochMicros | undefined, seconds: number): number =>
  time === undefined ? -1 : time - seconds * 1_000_000

/**
 * Reads one line of `tcpdump -e` on pflog, whichever tcpdump wrote it and whatever stamped it (`leadingTime` lists the
 * stamps): an entry only if the whole of pf's head is there. Time and memory are linear in the line's length.
 *
 * @param line without its line end, one character a byte (latin1)
 */
export const decodeLine = (line: string): PfLogEntry | undefined => {
  const entry = readLine(line, true)
  return entry && plainEntry(entry)
}

/** Takes a line whose time is read, a negative fraction where it has none; returns whether it is an entry. */
type TakeLine = (
  seconds: number,
  fraction: number,
  bytes: Buffer,
  start: number,
  end: number,
  printable: boolean
) => boolean

/**
 * Reads what `tcpdump -e` writes of pflog, line by line.
 *
 * The last line, if nothing ended it, is an entry only where it is whole up to the colon behind the destination.
 */
export const makeTextDecoder = (): Decoder => {
  const splitter = new LineSplitter()
  let decoded: DecodedSink
  let entry: TextEntry | undefined

  /** Takes a line that begins with the stamp of `-tt`, as all do that our own tcpdump writes. */
  const takeStamped: TakeLine = (seconds, fraction, bytes, start, end, printable) => {
    const textStart = start + stampLength
    const found = heads.find(bytes, textStart, end)
    if (found === undefined || entry === undefined) {
      cursor.reset(bytes.toString("latin1", start, end), stampLength, end - start)
      return takeUnknown(seconds, fraction, bytes, start, end, printable)
    }
    entry.fill(seconds, fraction, found.head, found.bytes.length, bytes, textStart, end, printable)
    decoded.entry(entry)
    return true
  }

  /** Takes a line with any other stamp, or none. */
  const takeAny = (bytes: Buffer, start: number, end: number, printable: boolean): boolean => {
    cursor.reset(bytes.toString("latin1", start, end), 0, end - start)
    const time = leadingTime(cursor)
    const seconds = wholeSeconds(time)
    return takeUnknown(seconds, microsBehind(time, seconds), bytes, start, end, printable)
  }

  /** Takes a line whose head is not known by its bytes. The cursor stands behind the stamp. */
  const takeUnknown: TakeLine = (seconds, fraction, bytes, start, end, printable) => {
    const { text: line, at: textStart } = cursor
    const head = heads.read(cursor)
    if (head === undefined) return false
    entry ??= new TextEntry(head, bytes)
    entry.fill(seconds, fraction, head, cursor.at - textStart, bytes, start + textStart, end, printable)
    entry.setLine(line, textStart, true)
    decoded.entry(entry)
    return true
  }

  /** Takes a line that a line feed has ended. */
  const takeWhole = (bytes: Buffer, start: number, end: number, printable: boolean): boolean => {
    const seconds = decimalAt(bytes, start, secondsDigits)
    const fraction = decimalAt(bytes, start + secondsDigits + 1, microsDigits)
    const isStamp =
      seconds >= 0 &&
      seconds <= maxSeconds &&
      fraction >= 0 &&
      bytes[start + secondsDigits] === dot &&
      bytes[start + stampLength - 1] === space &&
      start + stampLength <= end
    return isStamp
      ? takeStamped(seconds, fraction, bytes, start, end, printable)
      : takeAny(bytes, start, end, printable)
  }

  /** Takes an unfinished line, which is read to its end before it counts. */
  const takeUnfinished = (bytes: Buffer, start: number, end: number): boolean => {
    const unfinished = readLine(bytes.toString("latin1", start, end), false)
    if (unfinished?.hasWholeAddresses !== true) return false
    decoded.entry(plainEntry(unfinished))
    return true
  }

  const lines: LineSink = {
    line: (bytes, start, end, printable, complete) => {
      const isEntry = complete ? takeWhole(bytes, start, end, printable) : takeUnfinished(bytes, start, end)
      if (!isEntry) decoded.other(bytes.toString("latin1", start, end))
    },
    piece: (piece) => decoded.other(piece)
  }
  return {
    push: (bytes, sink) => {
      decoded = sink
      splitter.push(bytes, lines)
      return undefined
    },
    end: (sink) => {
      decoded = sink
      splitter.end(lines)
      return undefined
    }
  }
}

/** `1692000000.000137 `: the seconds have ten digits from 2001 to 2286. */
const secondsDigits = 10
const microsDigits = 6
const stampLength = secondsDigits + 1 + microsDigits + 1

/** So many decimal digits at a place: their value, or -1. */
const decimalAt = (bytes: Buffer, start: number, count: number): number => {
  let value = 0
  for (let at = start; at < start + count; at++) {
    const digit = (bytes[at] ?? 0) - zero
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}
