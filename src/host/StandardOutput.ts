import * as fs from "node:fs"
import type { Errno } from "./Errno.ts"

/** How long we wait before the next try where the pipe is full and does not block. */
const retryMillis = 10

/**
 * Writes a text to standard output, all of it, off the main thread: where nobody reads a full pipe, a write of
 * `process.stdout` would block the program, and signals with it.
 *
 * @param done takes the error that ended the writing (`ENOSPC`, `EPIPE`), or null
 */
export const writeStandardOutput = (text: string, done: (error: Errno | null) => void): void => {
  const bytes = Buffer.from(text)
  const writeFrom = (start: number): void => {
    fs.write(1, bytes, start, bytes.length - start, null, (error, written) => {
      if (error?.code === "EAGAIN") setTimeout(writeFrom, retryMillis, start)
      else if (error === null && start + written < bytes.length) writeFrom(start + written)
      else done(error)
    })
  }
  writeFrom(0)
}
