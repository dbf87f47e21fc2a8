import * as Effect from "effect/Effect"
import type { EpochMicros } from "../decode/PfLogEntry.ts"
import type { Format, NoticeLevel } from "../format/Format.ts"
import type { LineBuffer } from "../log/LineBuffer.ts"

/** Says what happens, in the log and on stderr. */
export interface Notices {
  /** Writes a notice about ourselves to the log and to stderr. */
  readonly announce: (level: NoticeLevel, message: string) => Effect.Effect<void>
  /** Writes a notice about ourselves to the log only. */
  readonly note: (level: NoticeLevel, message: string) => void
  /** Writes a line of tcpdump's stderr to the log. */
  readonly relay: (pid: number, message: string) => void
}

/** The time of the system's clock. */
export const systemClock = (): EpochMicros => Date.now() * 1000

/** Makes notices that go to the log through the same buffer as the entries, so that their order is kept. */
export const makeNotices = (format: Pick<Format, "notice">, buffer: LineBuffer): Notices => {
  const write = (level: NoticeLevel, speaker: "pfasciilogd" | "tcpdump", pid: number, message: string) =>
    buffer.append(format.notice({ time: systemClock(), level, process: speaker, pid, message }))
  const note = (level: NoticeLevel, message: string) => write(level, "pfasciilogd", process.pid, message)
  return {
    note,
    announce: (level, message) => Effect.suspend(() => Effect.as(logAt[level](message), note(level, message))),
    relay: (pid, message) => write("info", "tcpdump", pid, message)
  }
}

const logAt = { info: Effect.logInfo, warning: Effect.logWarning, error: Effect.logError }
