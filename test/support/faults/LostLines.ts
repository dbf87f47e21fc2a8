import { type Daemon, textOf } from "../Daemon.ts"
import { numberedText, numbersIn } from "./NumberedLines.ts"

const stampLength = "2026-11-22T06:16:54.507027+01:00 ".length

/** What pfasciilogd says of its own end on stderr only. */
const lastWords = /^(the last \d+ bytes|the stop is given up|a system call does not return)/

/**
 * How many bytes of lines are not in the log: of the entries that were sent, of the notices that stderr holds, and of the
 * last notice, which tells the counters that USR2 has just had told on stderr.
 */
export const missingBytes = (daemon: Daemon, sent: number, files: ReadonlyArray<string>): number => {
  const log = files.map(textOf).join("")
  const present = new Set(numbersIn(log))
  let bytes = 0
  for (let number = 0; number < sent; number++) {
    if (!present.has(number)) bytes += stampLength + numberedText(number).length + 1
  }
  const told = daemon
    .stderr()
    .split("\n")
    .flatMap((line) => (line.startsWith("pfasciilogd: ") ? [line.slice("pfasciilogd: ".length)] : []))
    .filter((notice) => !lastWords.test(notice))
  const counters = told.findLast((notice) => /^\d+ entries/.test(notice))
  if (counters === undefined) throw new Error("the counters were not asked for")
  const notices = log.includes("]: ending: ") ? told : [...told, `ending: ${counters}`]
  for (const notice of notices) {
    const line = `pfasciilogd[${daemon.process.pid}]: ${notice}\n`
    if (!log.includes(line)) bytes += stampLength + line.length
  }
  return bytes
}

/** How many bytes stderr tells as lost; none where it tells of no loss. */
export const bytesTold = (daemon: Daemon): number =>
  Number(/the last (\d+) bytes of lines are lost/.exec(daemon.stderr())?.[1] ?? 0)
