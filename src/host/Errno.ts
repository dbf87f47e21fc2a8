import * as os from "node:os"
import * as Effect from "effect/Effect"

/** A failed system call, as Node reports it: with `code` (`ENOSPC`) and `syscall` (`write`). */
export type Errno = NodeJS.ErrnoException

/**
 * Runs one of the callback functions of node:fs off the main thread. It can't be interrupted: the call goes on in any case, and
 * the caller must know what it has done (an interrupted write would be repeated, and its lines doubled).
 */
export const systemCall = <A>(call: (done: (error: Errno | null, value: A) => void) => void): Effect.Effect<A, Errno> =>
  Effect.uninterruptible(
    Effect.async<A, Errno>((resume) => {
      call((error, value) => resume(error === null ? Effect.succeed(value) : Effect.fail(error)))
    })
  )

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EEXIST: "something else has its name",
  EFBIG: "the file has reached the limit of its size (ulimit -f)",
  EIO: "the device reports an error",
  EISDIR: "it is a folder",
  ELOOP: "it is a symbolic link",
  // FreeBSD's code for a link that O_NOFOLLOW refuses.
  EMLINK: "it is a symbolic link",
  EMFILE: "too many open files in this process (ulimit -n)",
  ENFILE: "too many open files on this host",
  ENOENT: "it doesn't exist",
  ENOSPC: "no space is left on the disk",
  ENOTDIR: "a part of its path is not a folder",
  ENXIO: "it is a socket, or a device that does not exist",
  EPIPE: "its reader has gone",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only"
}

// libuv has no name for some errors, EDQUOT among them: their code reads "Unknown system error -122".
const nameOf = ({ code, errno = 0 }: Errno): string | undefined =>
  code !== undefined && code in reasons
    ? code
    : (Object.entries(os.constants.errno).find(([, number]) => number === Math.abs(errno))?.[0] ?? code)

/** Why a system call failed, as a user reads it. */
export const explain = (error: Errno): string => {
  const name = nameOf(error)
  return (name === undefined ? undefined : reasons[name]) ?? name ?? error.message
}
