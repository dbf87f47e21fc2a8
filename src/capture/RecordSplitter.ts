import { DecodeProblem } from "../decode/Decoder.ts"
import type { Lent } from "../decode/Lent.ts"
import {
  beginsAsCapture,
  fileHeaderLength,
  longestPacket,
  readFileHeader,
  recordHeaderLength
} from "../decode/packet/PcapFile.ts"
import type { NameTable } from "./NameTable.ts"

/** Whole records of a capture, side by side, with their headers. */
export interface Records {
  /** The header of the file that they come from. */
  readonly file: CaptureFile
  readonly bytes: Buffer
  readonly count: number
}

/** What stands at the head of a capture. */
export interface CaptureFile {
  readonly header: Buffer
  readonly littleEndian: boolean
  readonly ticksPerMicrosecond: number
}

/** What the next bytes of a capture turned out to hold. */
export type Intake =
  /** The capture is text: these are lines, or parts of them, as they came. */
  | { readonly _tag: "Text"; readonly bytes: Uint8Array }
  /** It is a capture proper. The problem, if there is one, makes what follows these records unreadable. */
  | { readonly _tag: "Records"; readonly records: Records | undefined; readonly problem: DecodeProblem | undefined }

const nothing: Extract<Intake, { readonly _tag: "Records" }> = {
  _tag: "Records",
  records: undefined,
  problem: undefined
}

/**
 * Cuts what a capturing tcpdump writes at the bounds of its records, however it is cut into chunks. What begins as no capture
 * is passed on as text, for which a wrapper, or an ssh to a router, may stand in for tcpdump.
 */
export class RecordSplitter {
  #isText = false
  #file: CaptureFile | undefined
  /** What has come last lies here, behind what it completes. */
  #room = Buffer.alloc(0)
  /** Bytes that complete nothing yet: a part of the room. */
  #rest: Buffer = this.#room

  /**
   * How many bytes are known to be missing of the record that has begun, or of its header; 0 between records. Who gives just these
   * first saves that all others are copied behind what is there.
   */
  get missing(): number {
    const rest = this.#rest
    if (this.#file === undefined || rest.length === 0) return 0
    return (recordEnd(this.#file, rest, 0) ?? recordHeaderLength) - rest.length
  }

  /** Takes the next bytes. */
  push(bytes: Lent<Uint8Array>): Lent<Intake> {
    if (this.#isText) return { _tag: "Text", bytes }
    if (this.#file !== undefined && this.#rest.length === 0) {
      const intake = this.#cut(this.#file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
      this.#rest = this.#hold(this.#rest, this.#room.subarray(0, 0))
      return intake
    }
    const held = this.#hold(bytes, this.#rest)
    this.#rest = held
    if (this.#file === undefined) {
      const isCapture = beginsAsCapture(held)
      if (isCapture === false) {
        this.#isText = true
        return { _tag: "Text", bytes: held }
      }
      if (held.length < fileHeaderLength) return nothing
      const problem = this.#readHeader(held)
      if (problem !== undefined) return { ...nothing, problem }
    }
    return this.#file === undefined ? nothing : this.#cut(this.#file, this.#rest)
  }

  /** Puts bytes behind the rest, which is a part of the room. */
  #hold(bytes: Uint8Array, rest: Buffer): Buffer {
    const size = rest.length + bytes.length
    const room = size > this.#room.length ? Buffer.allocUnsafeSlow(2 * size) : this.#room
    room.set(rest)
    room.set(bytes, rest.length)
    this.#room = room
    return room.subarray(0, size)
  }

  /** The capture has ended: what is left of it. */
  end(): Intake {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    if (this.#isText || rest.length === 0) return nothing
    if (this.#file === undefined && rest.length < 4) return { _tag: "Text", bytes: rest }
    const part = this.#file === undefined ? "its file header" : "a record"
    return { ...nothing, problem: problemOf("truncated", `the capture ends within ${part}`) }
  }

  #readHeader(held: Buffer): DecodeProblem | undefined {
    const read = readFileHeader(new DataView(held.buffer, held.byteOffset, held.length), 0)
    if (read instanceof DecodeProblem) return read
    const { littleEndian, ticksPerMicrosecond } = read
    this.#file = { header: Buffer.from(held.subarray(0, fileHeaderLength)), littleEndian, ticksPerMicrosecond }
    this.#rest = held.subarray(fileHeaderLength)
    return undefined
  }

  #cut(file: CaptureFile, held: Buffer): Intake {
    let at = 0
    let count = 0
    let problem: DecodeProblem | undefined
    for (;;) {
      const end = recordEnd(file, held, at)
      if (end === undefined) break
      if (end - at > recordHeaderLength + longestPacket) {
        problem = problemOf("damaged", "the capture is damaged: a record in it claims to be longer than any packet")
        break
      }
      if (end > held.length) break
      at = end
      count += 1
    }
    this.#rest = held.subarray(at)
    return { _tag: "Records", records: count === 0 ? undefined : { file, bytes: held.subarray(0, at), count }, problem }
  }
}

/** Where the record that begins at `at` ends, which its header tells; nothing where that is not whole. */
const recordEnd = (file: CaptureFile, bytes: Buffer, at: number): number | undefined => {
  if (at + recordHeaderLength > bytes.length) return undefined
  return at + recordHeaderLength + (file.littleEndian ? bytes.readUInt32LE(at + 8) : bytes.readUInt32BE(at + 8))
}

/** The first records, at most so many and within so many bytes, if there is room for one; and the others. */
export const firstRecords = (
  records: Records,
  most: number,
  mostBytes: number
): readonly [first: Records | undefined, others: Records | undefined] => {
  const { file, bytes, count } = records
  if (count <= most && bytes.length <= mostBytes) return [records, undefined]
  let at = 0
  let index = 0
  for (; index < Math.min(most, count); index++) {
    const end = recordEnd(file, bytes, at) ?? bytes.length
    if (end > mostBytes) break
    at = end
  }
  return index === 0 ? [undefined, records] : splitAt(records, at, index)
}

/** The first records, at most so many, and the others. */
export const splitRecords = (
  records: Records,
  most: number
): readonly [first: Records, others: Records | undefined] => {
  if (records.count <= most) return [records, undefined]
  let at = 0
  for (let index = 0; index < most; index++) at = recordEnd(records.file, records.bytes, at) ?? records.bytes.length
  return splitAt(records, at, most)
}

/**
 * The first records, up to one with which `names` is full, and the others. The first record is always among the first, and
 * `names` has taken the addresses of all of them.
 */
export const splitByLoad = (
  records: Records,
  names: NameTable
): readonly [first: Records, others: Records | undefined] => {
  const { file, bytes, count } = records
  let at = 0
  for (let index = 0; index < count; index++) {
    if (index > 0 && names.isFull) return splitAt(records, at, index)
    const end = recordEnd(file, bytes, at) ?? bytes.length
    names.addRecord(bytes, at + recordHeaderLength, end)
    at = end
  }
  return [records, undefined]
}

const splitAt = ({ file, bytes, count }: Records, at: number, first: number): readonly [Records, Records] => [
  { file, bytes: bytes.subarray(0, at), count: first },
  { file, bytes: bytes.subarray(at), count: count - first }
]

/** Each record by itself. */
export const singleRecords = (records: Records): ReadonlyArray<Records> => {
  const singles: Array<Records> = []
  const { file, bytes } = records
  for (let at = 0; at < bytes.length; ) {
    const end = recordEnd(file, bytes, at) ?? bytes.length
    singles.push({ file, bytes: bytes.subarray(at, end), count: 1 })
    at = end
  }
  return singles
}

const problemOf = (reason: DecodeProblem["reason"], message: string) =>
  new DecodeProblem({ reason, offset: 0, message })
