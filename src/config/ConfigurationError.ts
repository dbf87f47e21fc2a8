import * as Data from "effect/Data"

/**
 * The configuration can't be used.
 *
 * - `unreadable`: the file that the caller has named can't be read
 * - `syntax`: the file is not TOML
 * - `invalid`: unknown keys or values that are not accepted; `problems` names each
 * - `usage`: saved captures are to be read, but no log is named for them
 */
export class ConfigurationError extends Data.TaggedError("ConfigurationError")<{
  readonly reason: "unreadable" | "syntax" | "invalid" | "usage"
  /** A message each: the place, what was found, what is accepted. */
  readonly problems: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.problems.join("\n")
  }
}
