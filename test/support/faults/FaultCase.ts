import type { Stage } from "./Stage.ts"

/** Lines that may be missing or torn, as the README says. */
export interface AllowedLoss {
  /** At most so many lines at the end of what the killed process had taken. */
  readonly lost: number
  /** At most so many lines that were begun and not completed. */
  readonly torn: number
  readonly why: string
}

/** A log whose lines are numbered. */
export interface NumberedLog {
  /** Its lines bear the numbers from 0 to below this one. */
  readonly sent: number
  /** The files of the log, the oldest first. */
  readonly files: ReadonlyArray<string>
}

/** What a case has left behind, to be judged: the log of the lines that tcpdump wrote, */
export interface Outcome extends NumberedLog {
  /** and the second log, of the scans among them. */
  readonly scans?: NumberedLog
  readonly allowed?: AllowedLoss
}

/** What the faults come from. */
export const faultGroups = [
  "disk",
  "tcpdump",
  "ourselves",
  "stop",
  "scan log",
  "attacker on the host",
  "careless administrator"
] as const

export type FaultGroup = (typeof faultGroups)[number]

/** One fault, with what is done to pfasciilogd while it happens. */
export interface FaultCase {
  readonly name: string
  readonly group: FaultGroup
  /** Takes long, and runs only where it is asked for. */
  readonly slow?: true
  /** Needs root: it mounts a file system or becomes another user. */
  readonly root?: true
  readonly run: (stage: Stage) => Promise<Outcome>
}
