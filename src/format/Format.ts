import type { EpochMicros, PfLogEntry } from "../decode/PfLogEntry.ts"
import type { SyslogForm } from "./filterlog/Syslog.ts"
import type { LineWriter } from "./LineWriter.ts"

/** How grave a notice is: ECS's `log.level`. */
export type NoticeLevel = "info" | "warning" | "error"

/** A line about ourselves or from tcpdump, never an entry. */
export interface Notice {
  readonly time: EpochMicros
  readonly level: NoticeLevel
  /** The program that speaks. */
  readonly process: "pfasciilogd" | "tcpdump"
  readonly pid: number
  /** The text, one character a byte (latin1); it may hold any byte but the line end. */
  readonly message: string
}

/** What a format may say about this program and its host. */
export interface FormatOptions {
  readonly hostname: string
  readonly pid: number
  readonly syslog: SyslogForm
}

/** How entries and notices are written: each as one line of printable ASCII that ends with LF. */
export interface Format<Entry extends PfLogEntry = PfLogEntry> {
  /**
   * The line of an entry.
   *
   * @param readAt the time that an entry without one gets: when its bytes were read
   */
  readonly entry: (entry: Entry, readAt: EpochMicros) => string
  /** Appends the line of an entry as bytes: for formats that can do so for less than through a string. */
  readonly append?: (entry: Entry, readAt: EpochMicros, lines: LineWriter) => void
  /** The line of a notice. */
  readonly notice: (notice: Notice) => string
}
