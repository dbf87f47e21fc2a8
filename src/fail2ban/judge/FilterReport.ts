import type { AuditFinding } from "../audit/Audit.ts"
import type { Judgement } from "./FilterTally.ts"

/** All that is found out about one filter, or about several together. */
export interface FilterReport {
  /** What it was asked for by. */
  readonly name: string
  /** What it did with the logs. */
  readonly judgement: Judgement
  /** Lines that it would take wrongly. */
  readonly audit: ReadonlyArray<AuditFinding>
  /** Why the filter was given up before its end, in words that complete "Unsound: …"; it was judged in part only then. */
  readonly givenUp: string | undefined
}

/** Whether there is anything to judge a filter by: a log without a packet's line says nothing of it. */
export const isJudged = ({ judgement, givenUp }: FilterReport): boolean =>
  judgement.entries > 0 || givenUp !== undefined

/**
 * Whether a filter can be trusted with bans: it is not where it takes a line wrongly, or would take one, nor where there was
 * nothing to judge it by.
 */
export const isSound = (report: FilterReport): boolean =>
  isJudged(report) &&
  report.givenUp === undefined &&
  report.judgement.wrongHost === 0 &&
  report.judgement.notBlocked === 0 &&
  report.audit.length === 0
