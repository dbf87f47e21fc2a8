import { randomInt } from "node:crypto"
import { recordHeaderLength } from "../decode/packet/PcapFile.ts"
import type { CaptureFile } from "./RecordSplitter.ts"

/** How far a printer came with what it was given. */
export interface Printed {
  /** The lines of the records that are printed to their end, and of no other. */
  readonly lines: ReadonlyArray<Uint8Array>
  /** How many marks came: all that were asked for, unless it has failed. */
  readonly marks: number
  /** What the printer did wrong, if it has failed, in words that follow its name. */
  readonly failure: string | undefined
}

/**
 * The time stamp of a record of ours, put behind those that a printer is given: once its line has come, all before it is
 * printed, whatever lines that took. Nobody who sends packets can know it, and no real packet is so old.
 */
export interface Mark {
  readonly seconds: number
  readonly micros: number
}

/** A mark as tcpdump prints it, in front of what it says of the record. */
export const textOfMark = ({ seconds, micros }: Mark): string => `${seconds}.${String(micros).padStart(6, "0")} `

/** What follows the mark where no record brought it, but the end of one tcpdump of several, one after the other. */
export const endOfOne = "end"

/** A mark for one printer: some day before 2001, when seconds got their tenth digit. */
export const randomMark = (): Mark => ({
  seconds: randomInt(100_000_000, 900_000_000),
  micros: randomInt(1_000_000)
})

/** The record that has a printer print a mark: one byte that is no header of pf's, of which every tcpdump prints a line. */
export const markRecord = ({ littleEndian, ticksPerMicrosecond }: CaptureFile, { seconds, micros }: Mark): Buffer => {
  const record = Buffer.alloc(recordHeaderLength + 1)
  const fields = [seconds, micros * ticksPerMicrosecond, 1, 1]
  for (const [index, field] of fields.entries()) {
    if (littleEndian) record.writeUInt32LE(field, 4 * index)
    else record.writeUInt32BE(field, 4 * index)
  }
  return record
}

/**
 * What follows the marks. A number: so many lines of the mark that only fill up, after the last one. A function: the end of a tcpdump
 * after each mark. It is called at each end but the last, gives the next tcpdump what it is to print, and returns whether it could.
 */
type Behind = number | (() => boolean)

interface Expectation {
  readonly marks: number
  readonly behind: Behind
  readonly done: (printed: Printed) => void
  readonly lines: Array<Uint8Array>
  seen: number
  isEndDue: boolean
}

const lineFeed = 0x0a
const smallestRoom = 16 * 1024
/** Lines of so many bytes are handed on in the room that they came in, instead of copied. */
const worthItsRoom = 256 * 1024
/** What the lines of a printer of its own take in most cases, twice over: a room that small needs not grow. */
const usualRoom = 2 * 1024 * 1024
const roomsKept = 4
/** So much without a mark no records come to: it is no tcpdump that writes this. */
const mostHeld = 64 * 1024 * 1024

/** Rooms that are used again: new ones, some of them a second, would have V8 mark its whole heap for them. */
const spareRooms: Array<Buffer> = []

const takeRoom = (size: number): Buffer => {
  const fit = spareRooms.findIndex((room) => room.length >= size)
  return spareRooms.splice(fit, fit < 0 ? 0 : 1)[0] ?? Buffer.allocUnsafeSlow(Math.max(size, usualRoom))
}

/** Gives lines back that are of no use any more, so that others may come where they are. */
export const releaseLines = (lines: ReadonlyArray<Uint8Array>): void => {
  for (const { buffer, length } of lines) {
    if (length >= worthItsRoom && spareRooms.length < roomsKept) spareRooms.push(Buffer.from(buffer))
  }
}

/** What a printer writes, cut at the marks, which are left out of it. */
export class MarkedLines {
  /** How many times something came: whether a printer is at work. */
  chunks = 0
  readonly #mark: Buffer
  readonly #expected: Array<Expectation> = []
  #room: Buffer = Buffer.allocUnsafeSlow(smallestRoom)
  /** Where what came behind the last mark begins: with that one's line feed, so that each line has one in front. */
  #start = 0
  #end = 1
  #searched = 0
  /** How many lines that only fill up are still to come. */
  #padding = 0
  #failure: string | undefined

  constructor(mark: Mark) {
    this.#mark = Buffer.from(`\n${textOfMark(mark)}`)
    this.#room[0] = lineFeed
  }

  /** Waits for so many marks and what comes behind them, after all that is waited for already. */
  expect(marks: number, behind: Behind, done: (printed: Printed) => void): void {
    if (this.#failure !== undefined) done({ lines: [], marks: 0, failure: this.#failure })
    else this.#expected.push({ marks, behind, done, lines: [], seen: 0, isEndDue: false })
  }

  /** Takes what the printer has written next. */
  push(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return
    this.chunks += 1
    if (this.#end - this.#start + bytes.length > mostHeld) {
      this.fail("wrote without end what it was not given")
      return
    }
    this.#append(bytes)
    while (this.#skipPadding() && this.#takeToMark());
  }

  /** No more will come: whoever waits is told how far the printer came. */
  fail(failure: string): void {
    this.#failure ??= failure
    for (const { lines, seen, done } of this.#expected.splice(0)) done({ lines, marks: seen, failure })
  }

  /** Passes over the lines that only fill up; returns whether all of them have come. */
  #skipPadding(): boolean {
    for (; this.#padding > 0; this.#padding--) {
      const end = this.#room.indexOf(lineFeed, this.#start + 1)
      if (end < 0 || end >= this.#end) return false
      this.#start = end
      this.#searched = end
    }
    return true
  }

  /** Takes all up to the next mark; returns whether that is there. */
  #takeToMark(): boolean {
    const held = this.#room.subarray(0, this.#end)
    const at = held.indexOf(this.#mark, this.#searched)
    if (at < 0) {
      this.#searched = Math.max(this.#start, this.#end - this.#mark.length + 1)
      return false
    }
    this.#searched = at
    const end = held.indexOf(lineFeed, at + this.#mark.length)
    if (end < 0) return false
    const isEnd = held.toString("latin1", at + this.#mark.length, end) === endOfOne
    const lines = held.subarray(this.#start + 1, at + 1)
    this.#start = end
    this.#searched = end
    if (lines.length >= worthItsRoom) this.#moveTo(takeRoom(this.#end - end))
    this.#reached(lines.length >= worthItsRoom ? lines : Buffer.from(lines), isEnd)
    return this.#failure === undefined
  }

  #reached(lines: Buffer, isEnd: boolean): void {
    const expected = this.#expected[0]
    if (isEnd !== (expected?.isEndDue ?? false)) {
      this.fail(isEnd ? "ended before it had printed all" : "went on behind its end")
      return
    }
    if (expected === undefined) return
    if (lines.length > 0) expected.lines.push(lines)
    const { behind, done, marks } = expected
    if (!isEnd) expected.seen += 1
    if (typeof behind === "number") {
      if (expected.seen < marks) return
      this.#padding = behind
    } else {
      expected.isEndDue = !isEnd
      if (!isEnd || (expected.seen < marks && behind())) return
    }
    this.#expected.shift()
    done({ lines: expected.lines, marks: expected.seen, failure: undefined })
  }

  #append(bytes: Uint8Array): void {
    const held = this.#end - this.#start
    if (this.#end + bytes.length > this.#room.length) {
      const isRoomy = 2 * (held + bytes.length) <= this.#room.length
      this.#moveTo(isRoomy ? this.#room : takeRoom(2 * (held + bytes.length)))
    }
    this.#room.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Goes on in a room, which may be the same, with what came behind the last mark at its beginning. */
  #moveTo(room: Buffer): void {
    this.#room.copy(room, 0, this.#start, this.#end)
    this.#room = room
    this.#searched -= this.#start
    this.#end -= this.#start
    this.#start = 0
  }
}
