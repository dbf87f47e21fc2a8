import { type Daemon, textOf } from "../Daemon.ts"
import type { NumberedLog } from "./FaultCase.ts"
import { numberedText, numbersIn } from "./NumberedLines.ts"
import { scanningText, scansIn, scanText } from "./NumberedScans.ts"

const stampLength = "2026-11-22T06:16:54.507027+01:00 ".length

/** Messages about the end of pfasciilogd itself, which are only on stderr. */
const onlyOnStderr = /^(the last \d+ bytes|the stop is given up|a system call does not return)/

/** How many bytes of the lines with the numbers from 0 to below `sent` are missing. */
const missingOf = (sent: number, found: ReadonlyArray<number>, lineOf: (number: number) => string): number => {
  const present = new Set(found)
  let bytes = 0
  for (let number = 0; number < sent; number++)
    if (!present.has(number)) bytes += stampLength + lineOf(number).length + 1
  return bytes
}

/**
 * How many bytes of lines are not in the logs: of the entries that were sent and the scans among them, of the notices that stderr
 * holds, and of the last notice, with the counters that USR2 has just put on stderr.
 */
export const missingBytes = (
  daemon: Daemon,
  sent: number,
  files: ReadonlyArray<string>,
  scans?: NumberedLog
): number => {
  const log = files.map(textOf).join("")
  let bytes = missingOf(sent, numbersIn(log), scans === undefined ? numberedText : scanningText)
  const ofScans = scans === undefined ? 0 : missingOf(scans.sent, scansIn(scans.files.map(textOf).join("")), scanText)
  const notices = daemon
    .stderr()
    .split("\n")
    .flatMap((line) => (line.startsWith("pfasciilogd: ") ? [line.slice("pfasciilogd: ".length)] : []))
    .filter((notice) => !onlyOnStderr.test(notice))
  const counters = notices.findLast((notice) => /^\d+ entries/.test(notice))
  if (counters === undefined) throw new Error("the counters were not asked for")
  const lineOf = (notice: string) => `pfasciilogd[${daemon.process.pid}]: ${notice}\n`
  for (const notice of notices) {
    if (!log.includes(lineOf(notice))) bytes += stampLength + lineOf(notice).length
  }
  if (log.includes("]: ending: ")) return bytes + ofScans
  // The last notice counts all bytes of the run, its own included: their number may have more digits than the last one on stderr.
  const lengthOfLast = (total: number) =>
    stampLength + lineOf(`ending: ${counters.replace(/\d+ bytes/, `${total} bytes`)}`).length
  const others = log.length + bytes
  return ofScans + bytes + lengthOfLast(others + lengthOfLast(others))
}

/**
 * How many digits the last notice may have more than `missingBytes` takes it to have, where it is lost: writes are retried until
 * the end, and no signal asks for their number any more. A retry comes a tenth of a second after the first failure of a log, then
 * after twice as long, and then each second.
 */
export const digitsOfRetries = (daemon: Daemon, files: ReadonlyArray<string>, seconds: number): number => {
  if (files.map(textOf).join("").includes("]: ending: ")) return 0
  const [, counted = "0"] = [...daemon.stderr().matchAll(/ (\d+) retried writes/g)].at(-1) ?? []
  if (counted === "0") return 0
  const most = Number(counted) + 2 * (4 + Math.ceil(seconds))
  return String(most).length - counted.length
}

/** How many bytes stderr reports as lost, of all logs; 0 where it reports no loss. */
export const bytesTold = (daemon: Daemon): number =>
  [...daemon.stderr().matchAll(/the last (\d+) bytes of lines are lost/g)].reduce(
    (sum, [, bytes]) => sum + Number(bytes),
    0
  )
