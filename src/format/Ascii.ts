import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import { PacketEntry } from "../decode/packet/PacketEntry.ts"
import { lineFeed } from "../decode/text/Cursor.ts"
import { TextEntry } from "../decode/text/TextEntry.ts"
import { escapeText } from "./Escape.ts"
import type { Format } from "./Format.ts"
import { makeLocalStamp, StampWriter } from "./Rfc3339.ts"

/**
 * Makes the format `ascii`: tcpdump's own text of the packet behind its time.
 *
 * @example
 * 2026-11-22T06:16:54.507027+01:00 rule 1/0(match): block in on vtnet0: 121.224.77.46.41854 > 46.38.233.77.6379: Flags [S], …
 * 2026-11-22T06:16:54.507027+01:00 pfasciilogd[4711]: started
 */
export const makeAsciiFormat = (): Format => {
  const stamp = makeLocalStamp()
  const stampWriter = new StampWriter((time) => `${stamp(time)} `)
  const line = (entry: PfLogEntry, readAt: EpochMicros) => {
    const text = entry instanceof PacketEntry && entry.printable ? entry.text : escapeText(entry.text)
    return `${stamp(entry.time ?? readAt)} ${text}\n`
  }
  return {
    entry: line,
    append: (entry, readAt, lines) => {
      if (!(entry instanceof TextEntry) || !entry.printable) return lines.text(line(entry, readAt))
      const { bytes, start, end, seconds, fraction } = entry
      if (fraction >= 0) stampWriter.write(seconds, fraction, lines)
      else lines.text(`${stamp(readAt)} `)
      lines.copy(bytes, start, end)
      lines.byte(lineFeed)
    },
    notice: ({ time, process, pid, message }) => `${stamp(time)} ${process}[${pid}]: ${escapeText(message)}\n`
  }
}
