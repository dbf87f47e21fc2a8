import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import { Cursor } from "../../decode/text/Cursor.ts"
import { logTime } from "../../decode/text/Timestamp.ts"
import { type Counted, countTable } from "./TopTable.ts"

/** `2026-11-22T06:16:54.507027+01:00 pfasciilogd[4711]: started tcpdump[4712] on pflog0`, behind its time. */
const noticeHead = /^(pfasciilogd|tcpdump)\[(\d+)\]: /

const started = /^started tcpdump\[\d+\] on /
const dropped = /^the kernel has dropped (\d+) packets /

/** What tcpdump says of itself, and what we say of its repetitions: none of it was a packet. */
const ownWords = /^(listening on |reading from |dropped privs|\d+ packets? |\(the same line )/

/** Interfaces and actions are few; what a damaged log holds may be many. */
const mostNames = 200

interface Last extends Pick<PfLogEntry, "action" | "direction" | "interface"> {
  readonly byAction: Counted
  readonly byInterface: Counted
}

/** Counts what tells whether the log can be trusted. */
export class Sensor {
  readonly counts = { lines: 0, packets: 0, blocked: 0, probes: 0, undated: 0, outside: 0 }
  readonly actions = countTable(mostNames)
  readonly interfaces = countTable(mostNames)
  readonly notices = { starts: 0, restarts: 0, dropped: 0, otherLines: 0, unknownLines: 0 }
  private lastProgram = ""
  /** What the last packet was, and its counters: most packets are like the one before. */
  private last: Last | undefined
  private readonly cursor = new Cursor()

  /** Takes a packet of the period. */
  packet(entry: PfLogEntry): void {
    this.counts.packets += 1
    const { action, direction } = entry
    let last = this.last
    if (last?.action !== action || last.direction !== direction || last.interface !== entry.interface) {
      last = {
        action,
        direction,
        interface: entry.interface,
        byAction: this.actions.of(`${action} ${direction}`),
        byInterface: this.interfaces.of(entry.interface)
      }
      this.last = last
    }
    last.byAction.packets += 1
    last.byInterface.packets += 1
  }

  /**
   * Takes a line that is no packet.
   *
   * @param covers whether a time, in seconds, is of the period
   */
  other(line: string, covers: (second: number | undefined) => boolean): void {
    const { cursor, notices } = this
    cursor.reset(line, 0, line.length)
    const time = logTime(cursor)
    if (!covers(typeof time === "number" ? Math.floor(time / 1e6) : undefined)) return
    const text = line.slice(cursor.at, cursor.at + 200)
    const head = time === undefined ? null : noticeHead.exec(text)
    if (head === null) {
      if (line !== "") notices.unknownLines += 1
      return
    }
    const message = text.slice(head[0].length)
    if (head[1] === "tcpdump") {
      if (!ownWords.test(message)) notices.otherLines += 1
    } else this.own(message, head[2] ?? "")
  }

  private own(message: string, pid: string): void {
    const { notices } = this
    if (started.test(message)) {
      if (pid === this.lastProgram) notices.restarts += 1
      else notices.starts += 1
      this.lastProgram = pid
    }
    notices.dropped += Number(dropped.exec(message)?.[1] ?? 0)
  }
}
