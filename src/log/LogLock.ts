import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { holdFile, lockPathOf } from "../host/FileLock.ts"
import { LogFileError } from "./AppendFile.ts"

/**
 * Holds the log against a second writer as long as the scope is open, through every rotation: two writers would log each packet
 * twice, and it would count twice towards a ban.
 *
 * @param setting the setting that gives the path, as messages name it
 * @returns the reason where the log can't be held on this host
 */
export const holdLog = (path: string, setting: string): Effect.Effect<string | undefined, LogFileError, Scope.Scope> =>
  Effect.flatMap(holdFile(path), (lock): Effect.Effect<string | undefined, LogFileError> => {
    switch (lock._tag) {
      case "Held":
        return Effect.succeed(undefined)
      case "Unavailable":
        return Effect.succeed(lock.why)
      case "Taken":
        return new LogFileError({
          reason: "held",
          path,
          why: `another pfasciilogd${lock.pid === undefined ? "" : ` (process number ${lock.pid})`} writes to it`,
          advice: `Stop that one first, or give this one a log of its own: ${setting}.`
        })
      case "Planted":
        return new LogFileError({
          reason: "unsafe",
          path,
          why: `${lockPathOf(path)}, by which it is held, is another user's, or not a file of its own`,
          advice: `Remove that, or set ${setting} to a path in a folder that only root may write to.`
        })
    }
  })
