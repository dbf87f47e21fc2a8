import { closeSync, openSync, writeSync } from "node:fs"
import { truthOf } from "./PacketTruth.ts"
import { type LoggedPacket, makePcapWriter, type PcapFormat } from "./PcapWriter.ts"

/** Where a capture goes: a file, or standard output as `-`; and, if wanted, a file for the truth as lines of JSON. */
export interface CaptureTarget {
  readonly capture: string
  readonly truth: string | undefined
}

const truthChunkLines = 2000

/**
 * Writes the packets to a pcap file and what is true of each to another, one JSON object a line. Holds no more than a
 * chunk of either in memory.
 *
 * @returns how many packets were written
 */
export const writeCapture = (packets: Iterable<LoggedPacket>, format: PcapFormat, target: CaptureTarget): number => {
  const capture = openTarget(target.capture)
  const truth = target.truth === undefined ? undefined : openTarget(target.truth)
  const writer = makePcapWriter(format, capture.write)
  let lines: Array<string> = []
  let count = 0
  for (const packet of packets) {
    writer.add(packet)
    if (truth !== undefined) {
      lines.push(`${JSON.stringify(truthOf(count, packet))}\n`)
      if (lines.length === truthChunkLines) {
        truth.write(Buffer.from(lines.join(""), "latin1"))
        lines = []
      }
    }
    count++
  }
  writer.end()
  truth?.write(Buffer.from(lines.join(""), "latin1"))
  truth?.close()
  capture.close()
  return count
}

const openTarget = (path: string) => {
  const descriptor = path === "-" ? 1 : openSync(path, "w")
  return {
    write: (bytes: Uint8Array): void => writeWhole(descriptor, bytes),
    close: (): void => {
      if (descriptor !== 1) closeSync(descriptor)
    }
  }
}

const writeWhole = (descriptor: number, bytes: Uint8Array): void => {
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      // A pipe that another process has set to non-blocking refuses bytes while it is full.
      if (!isCode(error, "EAGAIN")) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code
