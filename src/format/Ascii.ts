import { escapeText } from "./Escape.ts"
import type { Format } from "./Format.ts"
import { makeLocalStamp } from "./Rfc3339.ts"

/**
 * Makes the format `ascii`: tcpdump's own text of the packet behind its time.
 *
 * @example
 * 2026-11-22T06:16:54.507027+01:00 rule 1/0(match): block in on vtnet0: 121.224.77.46.41854 > 46.38.233.77.6379: Flags [S], …
 * 2026-11-22T06:16:54.507027+01:00 pfasciilogd[4711]: started
 */
export const makeAsciiFormat = (): Format => {
  const stamp = makeLocalStamp()
  return {
    entry: (entry, readAt) => `${stamp(entry.time ?? readAt)} ${escapeText(entry.text)}\n`,
    notice: ({ time, process, pid, message }) => `${stamp(time)} ${process}[${pid}]: ${escapeText(message)}\n`
  }
}
