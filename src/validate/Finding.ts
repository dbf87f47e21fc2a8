/** The verdict of a check. */
export type CheckVerdict = "good" | "warning" | "failed" | "skipped"

/** What one check of `validate` found. */
export interface Finding {
  /** What was checked, in a word or two. */
  readonly check: string
  readonly verdict: CheckVerdict
  /** What was found; for a skipped check, why it was skipped. */
  readonly detail: string
  /** What to do about it: every warning and every failure has one. */
  readonly remedy?: string
}

/** All is as it should be. */
export const good = (check: string, detail: string): Finding => ({ check, verdict: "good", detail })

/** It works, but not as it should. */
export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  verdict: "warning",
  detail,
  remedy
})

/** It cannot work as it is. */
export const failed = (check: string, detail: string, remedy: string): Finding => ({
  check,
  verdict: "failed",
  detail,
  remedy
})

/** It does not exist on this host, or cannot be checked. */
export const skipped = (check: string, why: string): Finding => ({ check, verdict: "skipped", detail: why })

/** Whether somebody has to do something. */
export const needsAttention = ({ verdict }: Finding): boolean => verdict === "warning" || verdict === "failed"
