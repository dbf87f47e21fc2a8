/**
 * Measures the scan detector alone and prints the figures as JSON: the CPU of the text path with it and without, in microseconds a
 * line, and the memory in a flood of forged sources once its tables are full and after all. usage: scan-alone.ts FILE SOURCES
 */
import { readFileSync } from "node:fs"
import { makeTextDecoder } from "../../src/decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../../src/format/Ascii.ts"
import { ChunkMemory } from "../../src/run/ChunkMemory.ts"
import { Counters } from "../../src/run/Counters.ts"
import { makeTranscoder, type Tally } from "../../src/run/Transcoder.ts"
import { ScanDetector } from "../../src/scan/ScanDetector.ts"

const text = readFileSync(process.argv[2] ?? "")
const sources = Number(process.argv[3])
const chunkSize = 128 * 1024
const rules = { ports: 12, within: 60_000, remind: 600_000, sources: 65_536, hosts: 0, networkPorts: 24 }

const detector = new ScanDetector(rules, () => undefined)
const counters = new Counters()
const plain: Tally = counters
const scanning: Tally = {
  entry: (entry) => {
    counters.entry(entry)
    detector.entry(entry, 0)
  },
  reached: (time) => counters.reached(time),
  other: () => counters.other()
}

/** Microseconds of CPU a line. */
const pass = (tally: Tally): number => {
  const entries = counters.entries
  const before = process.cpuUsage()
  const transcoder = makeTranscoder(makeTextDecoder(), makeAsciiFormat(), new ChunkMemory(), tally, 1, () => 0)
  for (let at = 0; at < text.length; at += chunkSize) transcoder.push(text.subarray(at, at + chunkSize))
  transcoder.end()
  const { system, user } = process.cpuUsage(before)
  return (user + system) / (counters.entries - entries)
}

const median = (passes: ReadonlyArray<number>): number => [...passes].sort((one, other) => one - other)[2] ?? Number.NaN

const measure = (tally: Tally): number => {
  // The first passes are compiled on the way.
  for (let warmUp = 0; warmUp < 3; warmUp++) pass(tally)
  return median([pass(tally), pass(tally), pass(tally), pass(tally), pass(tally)])
}

/** Resident memory in MiB once so many forged sources, each with a SYN, have been seen. */
const flood = (from: number, to: number): number => {
  const decoder = makeTextDecoder()
  const sink = { entry: scanning.entry, other: () => undefined }
  let lines = ""
  for (let index = from; index < to; index++) {
    const second = 1_800_000_000 + Math.floor(index / 200_000)
    const address = `${1 + (index % 100)}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    lines += `${second}.000000 rule 17/0(match): block in on vtnet0: ${address}.1024 > 198.51.100.10.443: Flags [S], seq 1\n`
    if (index % 1000 === 999) {
      decoder.push(Buffer.from(lines), sink)
      lines = ""
    }
  }
  return process.memoryUsage().rss / 2 ** 20
}

const without = measure(plain)
const added = measure(scanning) - without
/** So many forged sources fill the newcomers' places. */
const full = 2_000_000
const early = flood(0, full)
const late = flood(full, sources)
console.log(JSON.stringify({ without, added, early, late, forgotten: detector.forgotten }))
