import type { Stage } from "./Stage.ts"

/** Lines that may be missing or torn, as the README says. */
export interface AllowedLoss {
  /** At most so many lines at the end of what the killed process had taken. */
  readonly lost: number
  /** At most so many lines that were begun and not completed. */
  readonly torn: number
  readonly why: string
}

/** What a case has left behind, to be judged. */
export interface Outcome {
  /** The lines that tcpdump wrote bear the numbers from 0 to below this one. */
  readonly sent: number
  /** The files of the log, the oldest first. */
  readonly files: ReadonlyArray<string>
  readonly allowed?: AllowedLoss
}

/** What the faults come from. */
export const faultGroups = [
  "disk",
  "tcpdump",
  "ourselves",
  "stop",
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
