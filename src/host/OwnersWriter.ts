import { basename, dirname } from "node:path"
import * as Effect from "effect/Effect"
import { type Answer, ask } from "./Program.ts"

/** A file to be written by its folder's owner. */
export interface OwnersFile {
  readonly path: string
  /** The unpredictable name in the same folder that it has until it is whole. */
  readonly fresh: string
  readonly content: string
  readonly mode: number
  /** How a file begins that may be replaced; without special characters of grep(1). */
  readonly mark: string
  readonly owner: number
}

/** A group without rights: nobody's on the BSDs, nogroup on Linux. The owner of a folder need not be in the folder's group. */
const noGroup = 65534

/** How long the child may take, in milliseconds. */
const patience = 4000

/** How long we wait for its message after its end, in milliseconds: other processes may hold its stderr open. */
const messageGrace = 200

/** How much of its message we keep. */
const longestMessage = 500

// All of this runs with the rights of the folder's owner. `set -C` makes the shell create the file with O_EXCL. The test for a
// folder comes first because `mv` would move the file into it. What follows `sh` are arguments, never code.
const script = `
set -Cu
umask 077
cd -- "$1" || exit 1
if [ -d "$3" ] && [ ! -L "$3" ]; then echo "$3 is a folder" >&2; exit 1; fi
if [ ! -L "./$3" ] && [ -f "./$3" ] && [ -s "./$3" ] && ! head -n 1 "./$3" | grep -q "^$5"; then
  echo "$3 holds something else, and is left as it is" >&2; exit 1
fi
cat > "./$2" && chmod "$4" "./$2" && mv -f -- "./$2" "./$3" && exit 0
rm -f -- "./$2"
exit 1`

/**
 * Puts a file in its place as the owner of its folder: a child that has taken that user's identity for good, and no group, can
 * be led to nothing that this user could not do alone. Needs root.
 *
 * @returns what went wrong, if anything; a child that takes too long is killed
 */
export const writeAsOwner = (file: OwnersFile): Effect.Effect<string | undefined> => {
  const args = ["sh", dirname(file.path), file.fresh, basename(file.path), file.mode.toString(8), file.mark]
  return ask("/bin/sh", ["-c", script, ...args], {
    input: file.content,
    environment: { PATH: "/bin:/usr/bin", LC_ALL: "C" },
    identity: { user: file.owner, group: noGroup },
    patience,
    pipeGrace: messageGrace
  }).pipe(
    Effect.map(problemOf),
    // Killed halfway, it would leave the fresh file behind.
    Effect.uninterruptible
  )
}

const problemOf = (answer: Answer): string | undefined => {
  if (answer._tag === "Missing") return "/bin/sh is missing"
  if (answer._tag === "Unanswered") return answer.why
  if (answer.status === 0) return undefined
  return (answer.stderr.trim().split("\n")[0] || "it failed").slice(0, longestMessage)
}
