import * as Data from "effect/Data"

/**
 * A filter or jail that cannot be used.
 *
 * - `not-found`: the file does not exist or cannot be read (exit status 66);
 * - `syntax`: fail2ban would refuse the file too (exit status 64);
 * - `unsupported`: it needs something that cannot be judged line by line (exit status 64).
 */
export class FilterError extends Data.TaggedError("FilterError")<{
  readonly reason: "not-found" | "syntax" | "unsupported"
  /** The file or filter, as the caller named it. */
  readonly filter: string
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `The filter ${this.filter} cannot be used: ${this.detail}`
  }
}
