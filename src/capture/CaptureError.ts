import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type { DecodeProblem } from "../decode/Decoder.ts"

/**
 * tcpdump can't be started.
 *
 * - `missing`: there is no such program
 * - `permission`: we may not run it
 * - `unavailable`: anything else (too many processes, …)
 */
export class TcpdumpError extends Data.TaggedError("TcpdumpError")<{
  readonly reason: "missing" | "permission" | "unavailable"
  readonly program: string
  readonly why: string
  readonly advice: string
}> {
  override get message(): string {
    return `can't start ${this.program}: ${this.why}. ${this.advice}`
  }
}

/** How a process ended. */
export type ProcessEnd =
  | { readonly _tag: "Exited"; readonly status: number }
  | { readonly _tag: "Killed"; readonly signal: string }
  /** Not even KILL ends it, since it hangs in a system call. */
  | { readonly _tag: "Stuck" }

/** tcpdump has ended, for whatever reason. */
export interface CaptureEnd {
  readonly status: ProcessEnd
  /** What made its output unreadable, if anything did; we have ended it then. */
  readonly problem: DecodeProblem | undefined
  /** What it last said on stderr, a line each, one character a byte. */
  readonly lastWords: ReadonlyArray<string>
  readonly uptime: Duration.Duration
}

/** How a process ended, in words. */
export const describeStatus = (status: ProcessEnd): string => {
  switch (status._tag) {
    case "Exited":
      return `exited with status ${status.status}`
    case "Killed":
      return `was ended by signal ${status.signal}`
    case "Stuck":
      return "does not end, not even by KILL"
  }
}

/** The saved capture that was to be read can't be. */
export class SavedCaptureError extends Data.TaggedError("SavedCaptureError")<{
  readonly path: string
  readonly why: string
  /** Whether it is compressed and ends too early; what is before its end was read. */
  readonly isCutOff?: boolean
}> {
  override get message(): string {
    return `can't read the capture ${this.path}: ${this.why}. Give --read a file that pflogd or "tcpdump -w" has written.`
  }
}

/** A log with lines that are in no file. */
export interface UnwrittenLines {
  readonly path: string
  readonly bytes: number
}

/** At an orderly stop a log couldn't be written for so long that we gave up. */
export class LogLostError extends Data.TaggedError("LogLostError")<{
  readonly logs: ReadonlyArray<UnwrittenLines>
}> {
  override get message(): string {
    const lost = ({ path, bytes }: UnwrittenLines) =>
      `the last ${bytes} bytes of lines are lost: ${path} couldn't be written.`
    return `${this.logs.map(lost).join(" ")} See the messages before.`
  }
}
