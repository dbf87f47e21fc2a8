import * as Effect from "effect/Effect"
import { writeStandardOutput } from "../host/StandardOutput.ts"
import type { CommandFailure } from "./CommandFailure.ts"
import { outputFailure } from "./OutputFailure.ts"

/** Writes a result to standard output; a disk that is full and a reader that has gone are failures of the command. */
export const print = (text: string): Effect.Effect<void, CommandFailure> =>
  Effect.async((resume) => {
    writeStandardOutput(`${text.trimEnd()}\n`, (error) =>
      resume(error === null ? Effect.void : Effect.fail(outputFailure(error)))
    )
  })
