import { type Errno, explain } from "../host/Errno.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"

/** Standard output does not take the result: the disk is full, or the reader has gone. */
export const outputFailure = (error: Errno): CommandFailure =>
  new CommandFailure({ status: ExitStatus.ioError, message: `can't write the output: ${explain(error)}.` })
