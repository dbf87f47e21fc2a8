import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeCapture } from "../../test/support/captures/CaptureFile.ts"
import type { LoggedPacket } from "../../test/support/captures/PcapWriter.ts"
import { freebsdHeader } from "../../test/support/captures/PflogHeader.ts"
import { type FloodOrigin, flood } from "../../test/support/captures/scenarios/Flood.ts"
import { hostile } from "../../test/support/captures/scenarios/Hostile.ts"

/** What every group of measurements works with. */
export interface Workshop {
  /** A folder of our own, for captures, logs and small scripts. */
  readonly folder: string
  /** The program that is measured. */
  readonly program: string
  /** Whether to measure less, and less exactly, in about a minute. */
  readonly quick: boolean
  /** How many runs a median is taken of. */
  readonly runs: number
  /** Tells a person what goes on. */
  readonly say: (progress: string) => void
}

/** What a process has used itself, without its children. */
export interface Usage {
  readonly cpuMicros: number
  readonly peakKibibytes: number
}

/** A benchmark can't be taken; the message says why. */
export class BenchmarkError extends Error {}

/** A path in the workshop's folder. */
export const inFolder = (workshop: Workshop, name: string): string => join(workshop.folder, name)

/** Node's flags that make a process tell its usage at its end. */
export const usageFlags: ReadonlyArray<string> = ["--import", new URL("report-usage.mjs", import.meta.url).href]

/** Reads what a process told of itself. */
export const readUsage = (path: string): Usage => JSON.parse(readFileSync(path, "utf8")) as Usage // by our own reporters

/** The path of a yardstick's program. */
export const yardstickPath = (name: string): string => new URL(`yardsticks/${name}`, import.meta.url).pathname

/** An executable shell script in the workshop's folder. */
export const shellScript = (workshop: Workshop, name: string, body: string): string => {
  const path = inFolder(workshop, name)
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

const cached = (workshop: Workshop, name: string, make: (path: string) => void): string => {
  const path = inFolder(workshop, name)
  if (!existsSync(path)) make(path)
  return path
}

const capture = (workshop: Workshop, name: string, packets: () => Iterable<LoggedPacket>): string =>
  cached(workshop, name, (path) => {
    workshop.say(`making ${name}`)
    writeCapture(packets(), { byteOrder: "little", precision: "micro" }, { capture: path, truth: undefined })
  })

/** A capture of a flood, from 2,000 hosts unless more are asked for. */
export const floodCapture = (
  workshop: Workshop,
  packets: number,
  sources = 2000,
  origin: FloodOrigin = "neighbours"
): string =>
  capture(workshop, `flood-${packets}-${sources}-${origin}.pcap`, () => flood(freebsdHeader, packets, sources, origin))

/** A capture of packets that are made to be hard to read. */
export const hostileCapture = (workshop: Workshop, packets: number): string =>
  capture(workshop, `hostile-${packets}.pcap`, () => hostile(freebsdHeader, packets, 7))

/** What the real tcpdump prints of a capture, in a file. */
export const tcpdumpText = (workshop: Workshop, capturePath: string): string =>
  cached(workshop, `${capturePath.slice(workshop.folder.length + 1)}.txt`, (path) => {
    workshop.say("having tcpdump print it")
    const result = spawnSync("sh", ["-c", 'tcpdump -tt -l -e -n -S -r "$1" >"$2"', "sh", capturePath, path])
    if (result.status !== 0) throw new BenchmarkError(`tcpdump failed: ${result.stderr.toString()}`)
  })

/** Sequence number of the line that ends every stream of lines; no flood gets so far. */
const lastSequence = 4_294_967_295

/** The text that ends the log once all lines are in it. */
export const lastLineMark = ` seq ${lastSequence},`

/** A file that holds the line after which no other comes. */
export const lastLine = (workshop: Workshop): string =>
  cached(workshop, "last-line.txt", (path) => {
    writeFileSync(
      path,
      `1795327299.000000 rule 17/0(match): block in on vtnet0: 11.0.0.1.1 > 198.51.100.10.443: Flags [S],${lastLineMark} win 1024, length 0\n`
    )
  })

/** The arguments with which `cat` gives so many lines of a flood, as the real tcpdump prints it, and the last line. */
export const catArguments = (workshop: Workshop, lines: number): ReadonlyArray<string> => {
  const block = Math.min(lines, 100_000)
  const text = tcpdumpText(workshop, floodCapture(workshop, block))
  return [...Array.from({ length: Math.round(lines / block) }, () => text), lastLine(workshop)]
}
