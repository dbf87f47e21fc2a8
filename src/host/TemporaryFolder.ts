import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Errno, systemCall } from "./Errno.ts"
import { beforeEnd } from "./Termination.ts"

/**
 * A folder that only we can enter, in the one for temporary files. `remove` takes it away with the scope, and also before a
 * signal ends us, when no finalizer runs: so it must not wait for anything.
 */
export const temporaryFolder = (
  prefix: string,
  remove: (folder: string) => void
): Effect.Effect<string, Errno, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      // At once, so that no signal is answered between the making of the folder and the note that it must go.
      systemCall<TemporaryFolder>((done) => {
        try {
          done(null, removable(mkdtempSync(join(tmpdir(), prefix)), remove))
        } catch (error) {
          done(error as Errno, nowhere) // node:fs throws nothing else
        }
      }),
      ({ takeAway }) => Effect.sync(takeAway)
    ),
    ({ path }) => path
  )

interface TemporaryFolder {
  readonly path: string
  readonly takeAway: () => void
}

const nowhere: TemporaryFolder = { path: "", takeAway: () => {} }

const removable = (path: string, remove: (folder: string) => void): TemporaryFolder => {
  const removeQuietly = () => {
    try {
      remove(path)
    } catch {
      // Somebody else has removed it, or put something into it that is not ours.
    }
  }
  const forget = beforeEnd(removeQuietly)
  const takeAway = () => {
    removeQuietly()
    forget()
  }
  return { path, takeAway }
}
