import type { PfLogEntry } from "../../../src/decode/PfLogEntry.ts"
import { makeTextDecoder } from "../../../src/decode/text/TextDecoder.ts"

/** How many bytes one measurement decodes. */
const measuredBytes = 256 * 1024

/** Nanoseconds of CPU time that decoding takes, a byte, of a line that comes again and again. */
export const nanosPerByte = (line: string, bytes: number = measuredBytes): number => {
  const repeated = Buffer.from(`${line}\n`.repeat(Math.max(1, Math.ceil(bytes / (line.length + 1)))), "latin1")
  const before = process.cpuUsage()
  decodeAll(repeated)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / repeated.length
}

/** The least of some measurements: whatever else runs on the machine only adds. */
export const leastNanosPerByte = (line: string, times: number, bytes?: number): number =>
  Math.min(...Array.from({ length: times }, () => nanosPerByte(line, bytes)))

let seen = 0

const decodeAll = (bytes: Buffer): void => {
  const decoder = makeTextDecoder()
  const sink = {
    entry: (entry: PfLogEntry) => {
      seen += entry.text.length
    },
    other: (line: string) => {
      seen += line.length
    }
  }
  for (let at = 0; at < bytes.length; at += 65_536) decoder.push(bytes.subarray(at, at + 65_536), sink)
  decoder.end(sink)
}

/** How many bytes were decoded in all; its use is that no engine may leave the work out. */
export const decodedBytes = (): number => seen

/** A line made longer: some part of it many times over, so that a scan which goes back shows. */
export const pump = (line: string, from: number, to: number, length: number): string => {
  const part = line.slice(from, to)
  if (part === "") return line
  return line.slice(0, from) + part.repeat(Math.ceil(length / part.length)) + line.slice(to)
}
