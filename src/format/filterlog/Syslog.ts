import type { EpochMicros } from "../../decode/PfLogEntry.ts"
import { escapeText } from "../Escape.ts"
import type { NoticeLevel } from "../Format.ts"
import { makeLocalStamp } from "../Rfc3339.ts"

/**
 * How a line of syslog can begin: as syslogd has always written it (RFC 3164), or as RFC 5424 asks. Their names are those of
 * the configuration (`log.syslog`).
 */
export const syslogForms = {
  rfc3164: { summary: "as syslogd keeps them", make: (hostname: string): SyslogLine => makeRfc3164Line(hostname) },
  rfc5424: { summary: "as OPNsense keeps them", make: (hostname: string): SyslogLine => makeRfc5424Line(hostname) }
} as const

/** The name of such a form. */
export type SyslogForm = keyof typeof syslogForms

/** The program that speaks, and how urgent its message is. */
export interface Speaker {
  readonly program: string
  readonly pid: number
  readonly facility: keyof typeof facilities
  readonly level: NoticeLevel
}

/** Makes a line of syslog, with its line end. */
export type SyslogLine = (time: EpochMicros, speaker: Speaker, message: string) => string

const facilities = { daemon: 3, local0: 16 } as const
const severities = { error: 3, warning: 4, info: 6 } as const satisfies Record<NoticeLevel, number>

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** RFC 5424's largest sequenceId; it begins with 1 again behind it. */
const lastSequenceId = 2_147_483_647

/** A name that can stand in a syslog header: one word of what host names may hold. */
const hostWord = (hostname: string): string => hostname.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 255) || "localhost"

/**
 * Makes a writer of syslog lines in the local time of the process.
 *
 * RFC 3164 as syslogd keeps it in a file, with the host's name up to its first dot:
 * `Nov 22 06:16:54 fw filterlog[4711]: …`. RFC 5424 as OPNsense keeps it, with the number of the line, which CrowdSec
 * wants to see: `<134>1 2026-11-22T06:16:54.507027+01:00 fw.example.org filterlog 4711 - [meta sequenceId="1"] …`.
 */
export const makeSyslogLine = (form: SyslogForm, hostname: string): SyslogLine =>
  syslogForms[form].make(hostWord(hostname))

const makeRfc3164Line = (hostname: string): SyslogLine => {
  const shortName = hostname.split(".", 1)[0] || hostname
  const stamp = makeRfc3164Stamp()
  return (time, { program, pid }, message) => `${stamp(time)} ${shortName} ${program}[${pid}]: ${escapeText(message)}\n`
}

const makeRfc5424Line = (hostname: string): SyslogLine => {
  const stamp = makeLocalStamp()
  let sequenceId = 0
  return (time, { program, pid, facility, level }, message) => {
    sequenceId = sequenceId === lastSequenceId ? 1 : sequenceId + 1
    const priority = facilities[facility] * 8 + severities[level]
    return `<${priority}>1 ${stamp(time)} ${hostname} ${program} ${pid} - [meta sequenceId="${sequenceId}"] ${escapeText(message)}\n`
  }
}

/** Remembers the second that it wrote last: thousands of lines of a flood share it. */
const makeRfc3164Stamp = (): ((time: EpochMicros) => string) => {
  let known = Number.NaN
  let text = ""
  return (time) => {
    const second = Math.floor(time / 1_000_000)
    if (second !== known) {
      const date = new Date(second * 1000)
      const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0"))
      text = `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clock.join(":")}`
      known = second
    }
    return text
  }
}
