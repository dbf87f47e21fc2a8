import { execFileSync } from "node:child_process"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** While the scope is open this process writes no file beyond this size: writes are cut short, then fail with EFBIG. */
export const limitFileSize = (limit: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => setFileSizeLimit(String(limit))),
    () => Effect.sync(() => setFileSizeLimit("unlimited"))
  )

const setFileSizeLimit = (soft: string) =>
  execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${soft}:unlimited`])
