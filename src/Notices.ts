import * as Effect from "effect/Effect"
import type { EpochMicros } from "./decode/PfLogEntry.ts"
import type { Format, NoticeLevel } from "./format/Format.ts"
import type { LineBuffer } from "./log/LineBuffer.ts"

/** Tells people what happens: in the log, and on stderr. */
export interface Notices {
  /** Tells something about ourselves, in the log and on stderr. */
  readonly tell: (level: NoticeLevel, message: string) => Effect.Effect<void>
  /** Passes on lines that tcpdump wrote to stderr, into the log. */
  readonly relay: (pid: number, lines: ReadonlyArray<string>) => void
}

/** The time of the system's clock. */
export const systemClock = (): EpochMicros => Date.now() * 1000

/** Makes notices that go to the log through the same buffer as the entries, so that their order is kept. */
export const makeNotices = (format: Pick<Format, "notice">, buffer: LineBuffer): Notices => ({
  tell: (level, message) =>
    Effect.sync(() =>
      buffer.append(format.notice({ time: systemClock(), level, process: "pfasciilogd", pid: process.pid, message }))
    ).pipe(Effect.zipRight(logAt[level](message))),
  relay: (pid, lines) => {
    for (const message of lines.filter((line) => !unhelpful.test(line))) {
      buffer.append(format.notice({ time: systemClock(), level: "info", process: "tcpdump", pid, message }))
    }
  }
})

// tcpdump's advice to whoever sits at a terminal, and empty lines.
const unhelpful = /^(tcpdump: verbose output suppressed, .*|)$/

const logAt = { info: Effect.logInfo, warning: Effect.logWarning, error: Effect.logError }
