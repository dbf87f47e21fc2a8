import { spawn } from "node:child_process"
import { basename, dirname } from "node:path"
import * as Effect from "effect/Effect"

/** A file that is written in the name of its folder's owner. */
export interface OwnersFile {
  readonly path: string
  /** The name beside it, unpredictable, that it has until it is whole. */
  readonly fresh: string
  readonly content: string
  readonly mode: number
  /** How a file begins that may be replaced; no pattern of grep(1). */
  readonly mark: string
  readonly owner: number
}

/** A group without rights: nobody's on the BSDs, nogroup on Linux. The folder's own group may be one that its owner isn't in. */
const noGroup = 65534

/** How long the child may take, in milliseconds. */
const patience = 4000

/** How long the child's last words are waited for after its end, in milliseconds: others may hold its stderr open. */
const wordsGrace = 200

/** What the child says at most that we keep. */
const longestWords = 500

// Everything here is done with the rights of the folder's owner. `set -C`: the shell creates the file with O_EXCL. `mv` would
// move the file into a folder that has its name. The words after `sh` are arguments, never code.
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
 * be led to nothing that this user couldn't do alone. Needs root.
 *
 * @returns what went wrong; the child is killed where it takes too long
 */
export const writeAsOwner = (file: OwnersFile): Effect.Effect<string | undefined> =>
  Effect.async<string | undefined>((resume) => {
    const words = ["sh", dirname(file.path), file.fresh, basename(file.path), file.mode.toString(8), file.mark]
    const child = spawn("/bin/sh", ["-c", script, ...words], {
      stdio: ["pipe", "ignore", "pipe"],
      // libuv empties the supplementary groups where a user is given.
      uid: file.owner,
      gid: noGroup,
      cwd: "/",
      env: { PATH: "/bin:/usr/bin", LC_ALL: "C" },
      detached: true
    })
    let said = ""
    const answer = (problem: string | undefined) => {
      clearTimeout(timer)
      child.stdin.destroy()
      child.stderr.destroy()
      resume(Effect.succeed(problem))
    }
    const timer = setTimeout(() => {
      endGroup(child.pid)
      answer(`it took longer than ${patience} ms`)
    }, patience)
    const ended = (status: number | null) =>
      answer(status === 0 ? undefined : (said.trim().split("\n")[0] || "it failed").slice(0, longestWords))
    child.once("error", (error) => answer(error.message))
    child.once("close", ended)
    child.once("exit", (status) => setTimeout(() => ended(status), wordsGrace).unref())
    child.stderr.setEncoding("latin1").on("data", (text: string) => {
      said = (said + text).slice(0, longestWords)
    })
    // A child that ends without reading its input tells so by its exit status.
    child.stdin.on("error", () => {})
    child.stdin.end(file.content)
  }).pipe(
    // Node throws where the system refuses a process for want of memory.
    Effect.catchAllDefect((defect) => Effect.succeed(String(defect)))
  )

const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has just ended.
  }
}
