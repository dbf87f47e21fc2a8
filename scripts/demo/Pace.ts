import * as fs from "node:fs"
import type { Writable } from "node:stream"

const fileHeader = 24
const recordHeader = 16

/**
 * Writes a pcap file (little-endian, as our sample is), a record at a time, in `duration` milliseconds: pauses are to one another
 * as between the packets, but short ones are drawn out and long ones shortened.
 */
export const playCapture = async (file: string, duration: number, target: Writable): Promise<void> => {
  const bytes = fs.readFileSync(file)
  const records = recordsOf(bytes)
  const weights = records.map(({ time }, index) => Math.sqrt(0.05 + time - (records[index - 1]?.time ?? time)))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  target.write(bytes.subarray(0, fileHeader))
  for (const [index, { start, end }] of records.entries()) {
    await new Promise((resolve) => setTimeout(resolve, (duration * (weights[index] ?? 0)) / whole))
    if (target.destroyed) return
    target.write(bytes.subarray(start, end))
  }
  target.end()
}

/** Where each record lies, and its time in seconds. */
const recordsOf = (
  bytes: Buffer
): ReadonlyArray<{ readonly start: number; readonly end: number; readonly time: number }> => {
  const records = []
  for (let start = fileHeader; start < bytes.length; ) {
    const end = start + recordHeader + bytes.readUInt32LE(start + 8)
    records.push({ start, end, time: bytes.readUInt32LE(start) + bytes.readUInt32LE(start + 4) / 1e6 })
    start = end
  }
  return records
}
