import * as os from "node:os"
import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import type { HostFiles } from "../host/System.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"
import { entriesFor, readNewsyslog } from "./NewsyslogFile.ts"
import type { NewsyslogEntry } from "./NewsyslogLine.ts"

type Dialect = HostFiles["newsyslogDialect"]

/** What the line for the log must agree with. */
interface Wanted {
  readonly log: Configuration["log"]
  readonly pidFile: string
  readonly dialect: Dialect
}

/** Whether newsyslog rotates this log and then signals us, so that no line goes into a file that it compresses. */
export const checkNewsyslog = (
  { log, process: { pidFile } }: Configuration,
  files: HostFiles
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.map(readNewsyslog(files), (newsyslog) => {
    if (newsyslog === undefined) return [skipped("newsyslog", "this host has no newsyslog.conf")]
    const wanted = { log, pidFile, dialect: files.newsyslogDialect }
    const twice = newsyslog.repeated.map((repetition) =>
      warning(
        "newsyslog",
        `${repetition}, which newsyslog has read already and skips`,
        "Remove this line: newsyslog complains about it at every run."
      )
    )
    return [...lineFindings(entriesFor(log.file, newsyslog.entries), wanted, files.newsyslogConf), ...twice]
  })

const lineFindings = (
  covering: ReadonlyArray<NewsyslogEntry>,
  wanted: Wanted,
  mainFile: string
): ReadonlyArray<Finding> => {
  const { log, pidFile } = wanted
  const [entry] = covering
  if (entry === undefined) {
    const file = wanted.dialect === "openbsd" ? mainFile : "/usr/local/etc/newsyslog.conf.d/pfasciilogd.conf"
    return [
      warning(
        "newsyslog",
        `nothing rotates ${log.file}: it grows until the disk is full`,
        `Put this line into ${file}: ${rightLine(wanted)}`
      )
    ]
  }
  if (covering.length > 1) {
    const places = covering.map(({ place }) => place).join(", ")
    return [failed("newsyslog", `several lines rotate ${log.file}: ${places}`, "Leave one of them.")]
  }
  const problems = problemsOf(entry, pidFile)
  const remedy = `Make ${entry.place} read: ${rightLine(wanted)}`
  if (problems.length > 0) return problems.map((problem) => failed("newsyslog", `${entry.place}: ${problem}`, remedy))
  const flaws = flawsOf(entry, log.mode)
  if (flaws.length > 0) return flaws.map((flaw) => warning("newsyslog", `${entry.place}: ${flaw}`, remedy))
  return [good("newsyslog", `${entry.place} rotates ${log.file} and signals the process in ${pidFile}`)]
}

// OpenBSD's newsyslog creates the new log by itself, has no bzip2, and compresses five seconds after the signal.
const usualFlags: Readonly<Record<Dialect, string>> = { freebsd: "BCJ", openbsd: "ZB" }

const rightLine = ({ log, pidFile, dialect }: Wanted): string =>
  `${log.file} root:wheel ${log.mode.toString(8)} 7 1000 * ${usualFlags[dialect]} ${pidFile} SIGHUP`

/** What makes a rotation lose lines. */
const problemsOf = (entry: NewsyslogEntry, pidFile: string): ReadonlyArray<string> => {
  if (entry.flags.includes("N")) return ["the flag N sends no signal: lines would go into the rotated file"]
  if (entry.flags.includes("R")) return ["the flag R runs a command in place of a signal to us"]
  if (entry.command !== undefined) {
    // On OpenBSD the command may reload the service, which does what the signal would.
    const reloads = entry.command.includes("pfasciilogd") || entry.command.includes(pidFile)
    return reloads ? [] : [`the command "${entry.command}" runs in place of a signal to us`]
  }
  if (entry.flags.includes("U")) return ["the flag U signals a process group, which our pid file does not name"]
  if (entry.pidFile === undefined) return ["without a pid file the signal goes to syslogd, not to us"]
  return [
    ...(entry.pidFile === pidFile ? [] : [`the pid file is ${entry.pidFile}, ours is ${pidFile}`]),
    ...(entry.signal === undefined || rotates(entry.signal)
      ? []
      : [`the signal ${entry.signal}${nameOf(entry.signal)} does not rotate the log: SIGHUP and SIGUSR1 do`])
  ]
}

/** The numbers of this host: 10 is USR1 on Linux, but BUS on FreeBSD, where USR1 is 30. */
const signalNumbers: Readonly<Record<string, number>> = { ...os.constants.signals }

const rotates = (signal: string): boolean => {
  const name = signal.toUpperCase().replace(/^(?:SIG)?/, "SIG")
  const number = /^\d+$/.test(signal) ? Number(signal) : signalNumbers[name]
  return number !== undefined && (number === signalNumbers["SIGHUP"] || number === signalNumbers["SIGUSR1"])
}

const nameOf = (signal: string): string => {
  const name = Object.keys(signalNumbers).find((candidate) => signalNumbers[candidate] === Number(signal))
  return name === undefined ? "" : ` (${name} here)`
}

/** What works, but not as it should. */
const flawsOf = (entry: NewsyslogEntry, mode: number): ReadonlyArray<string> => [
  ...(entry.flags.includes("B") ? [] : ["without the flag B newsyslog writes a line of its own into each new log"]),
  ...((Number.parseInt(entry.mode, 8) & ~mode) === 0
    ? []
    : [`the mode ${entry.mode} allows more than log.mode, ${mode.toString(8)}`])
]
