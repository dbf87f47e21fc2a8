import * as Data from "effect/Data"

/** A subcommand has failed: the message for the user, and the exit status (sysexits(3)) for scripts. */
export class CommandFailure extends Data.TaggedError("CommandFailure")<{
  readonly status: number
  readonly message: string
}> {}
