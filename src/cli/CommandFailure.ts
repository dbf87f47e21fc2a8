import * as Data from "effect/Data"

/** A subcommand has failed: what the user reads, and the exit status (sysexits(3)) that tells scripts the kind. */
export class CommandFailure extends Data.TaggedError("CommandFailure")<{
  readonly status: number
  readonly message: string
}> {}
