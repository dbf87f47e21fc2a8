/** What a check came to. */
export type CheckVerdict = "good" | "warning" | "failed" | "skipped"

/** What one check of `validate` found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string
  readonly verdict: CheckVerdict
  /** What was seen; for a skipped check, why. */
  readonly detail: string
  /** What to do about it: there with each warning and failure. */
  readonly remedy?: string
}

/** All is as it should be. */
export const good = (check: string, detail: string): Finding => ({ check, verdict: "good", detail })

/** It works, but not as one would want. */
export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  verdict: "warning",
  detail,
  remedy
})

/** It can't work like this. */
export const failed = (check: string, detail: string, remedy: string): Finding => ({
  check,
  verdict: "failed",
  detail,
  remedy
})

/** This host doesn't have it, or nobody can tell. */
export const skipped = (check: string, why: string): Finding => ({ check, verdict: "skipped", detail: why })

/** Whether somebody has to do something. */
export const needsAttention = ({ verdict }: Finding): boolean => verdict === "warning" || verdict === "failed"
