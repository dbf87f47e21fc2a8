import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import type { HostFiles } from "../host/System.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"
import { type NewsyslogEntry, readNewsyslog } from "./NewsyslogFile.ts"

// FreeBSD's number of USR1 is 30, Linux's 10; newsyslog's own default is HUP.
const rotationSignals = ["SIGHUP", "HUP", "1", "SIGUSR1", "USR1", "30", "10"]

/** Whether newsyslog rotates this log and then signals us, so that no line goes into a file that it compresses. */
export const checkNewsyslog = (
  { log, process: { pidFile } }: Configuration,
  files: HostFiles
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.map(readNewsyslog(files), (entries) => {
    if (entries === undefined) return [skipped("newsyslog", "this host has no newsyslog.conf")]
    const covering = entries.filter((entry) => entry.covers(log.file))
    const [entry] = covering
    if (entry === undefined) {
      return [
        warning(
          "newsyslog",
          `nothing rotates ${log.file}: it grows until the disk is full`,
          `Put this line into /usr/local/etc/newsyslog.conf.d/pfasciilogd.conf: ${rightLine(log, pidFile)}`
        )
      ]
    }
    if (covering.length > 1) {
      const places = covering.map(({ place }) => place).join(", ")
      return [failed("newsyslog", `several lines rotate ${log.file}: ${places}`, "Leave one of them.")]
    }
    const problems = problemsOf(entry, pidFile)
    const remedy = `Make ${entry.place} read: ${rightLine(log, pidFile)}`
    if (problems.length > 0) return problems.map((problem) => failed("newsyslog", `${entry.place}: ${problem}`, remedy))
    const flaws = flawsOf(entry, log.mode)
    if (flaws.length > 0) return flaws.map((flaw) => warning("newsyslog", `${entry.place}: ${flaw}`, remedy))
    return [good("newsyslog", `${entry.place} rotates ${log.file} and signals the process in ${pidFile}`)]
  })

const rightLine = (log: Configuration["log"], pidFile: string): string =>
  `${log.file} root:wheel ${log.mode.toString(8)} 7 1000 * BCJ ${pidFile} SIGHUP`

/** What loses lines. */
const problemsOf = (entry: NewsyslogEntry, pidFile: string): ReadonlyArray<string> => {
  if (entry.flags.includes("N")) return ["the flag N sends no signal: lines would go into the rotated file"]
  if (entry.flags.includes("R")) return ["the flag R runs a command in place of a signal to us"]
  if (entry.flags.includes("U")) return ["the flag U signals a process group, which a pid file of ours doesn't name"]
  if (entry.pidFile === undefined) return ["without a pid file the signal goes to syslogd, not to us"]
  return [
    ...(entry.pidFile === pidFile ? [] : [`the pid file is ${entry.pidFile}, ours is ${pidFile}`]),
    ...(entry.signal === undefined || rotationSignals.includes(entry.signal)
      ? []
      : [`the signal ${entry.signal} doesn't rotate: SIGHUP and SIGUSR1 do`])
  ]
}

/** What works, but not well. */
const flawsOf = (entry: NewsyslogEntry, mode: number): ReadonlyArray<string> => [
  ...(entry.flags.includes("B") ? [] : ["without the flag B newsyslog writes a line of its own into each new log"]),
  ...((Number.parseInt(entry.mode, 8) & ~mode) === 0
    ? []
    : [`the mode ${entry.mode} allows more than log.mode, ${mode.toString(8)}`])
]
