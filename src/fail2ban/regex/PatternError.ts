import * as Data from "effect/Data"

/**
 * A pattern that cannot be judged: Python or fail2ban would refuse it too (`invalid`), or it uses a construct of Python's `re`
 * for which JavaScript has no equivalent (`unsupported`).
 */
export class PatternError extends Data.TaggedError("PatternError")<{
  readonly reason: "invalid" | "unsupported"
  /** What is wrong, in one phrase: `possessive quantifier "a++"`. */
  readonly construct: string
  /** Its place in the pattern: the number of characters before it. */
  readonly place: number
  readonly pattern: string
}> {
  override get message(): string {
    const near = this.pattern.slice(this.place, this.place + 30)
    const where = near === "" ? "at its end" : `at character ${this.place + 1}, near ${JSON.stringify(near)}`
    const what =
      this.reason === "invalid" ? "is not a valid pattern" : "uses what pfasciilogd cannot translate from Python"
    return `The pattern ${what}: ${this.construct}, ${where}. The pattern: ${this.pattern}`
  }
}
