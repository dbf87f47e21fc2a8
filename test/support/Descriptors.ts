import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** The files that this process has open, as /proc tells them; a deleted one ends in " (deleted)". */
export const openFiles = (): ReadonlyArray<string> =>
  fs.readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return [fs.readlinkSync(`/proc/self/fd/${descriptor}`)]
    } catch {
      // The descriptor with which the folder itself was read is closed again.
      return []
    }
  })

/** How many descriptors lead to files under this path, whatever else follows in their name. */
export const descriptorsOf = (file: string): number => openFiles().filter((name) => name.startsWith(file)).length

/** A folder of the test's own, removed with the scope. */
export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-"))),
  (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
)
