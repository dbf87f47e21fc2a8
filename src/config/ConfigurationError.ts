import * as Data from "effect/Data"

/**
 * The configuration can't be used.
 *
 * - `unreadable`: a file that was named can't be read
 * - `syntax`: the file isn't TOML
 * - `invalid`: unknown keys or values that aren't accepted; `problems` names each
 * - `usage`: saved captures are to be read, and nobody has said into which log
 */
export class ConfigurationError extends Data.TaggedError("ConfigurationError")<{
  readonly reason: "unreadable" | "syntax" | "invalid" | "usage"
  /** One finding each: where, what was found, what is accepted. */
  readonly problems: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.problems.join("\n")
  }
}
