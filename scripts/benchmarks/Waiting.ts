import { closeSync, existsSync, fstatSync, openSync, readSync, truncateSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { BenchmarkError } from "./Workshop.ts"

/** Waits until a condition holds. */
export const until = async (what: string, holds: () => boolean, limitSeconds = 60, everyMillis = 5): Promise<void> => {
  const deadline = performance.now() + limitSeconds * 1000
  while (!holds()) {
    if (performance.now() > deadline) throw new BenchmarkError(`waited ${limitSeconds} s in vain for ${what}`)
    await sleep(everyMillis)
  }
}

const tailLength = 600
const longestLog = 512 * 2 ** 20

/**
 * Waits until the mark stands at the end of a log. A log that grows very long meanwhile is cut to nothing: it is written
 * with O_APPEND, and what it holds is of no more use.
 */
export const untilLogEndsWith = async (path: string, mark: string, limitSeconds = 600): Promise<void> => {
  const tail = Buffer.alloc(tailLength)
  await until(
    `the last line in ${path}`,
    () => {
      if (!existsSync(path)) return false
      const descriptor = openSync(path, "r")
      const { size } = fstatSync(descriptor)
      const length = readSync(descriptor, tail, 0, tailLength, Math.max(0, size - tailLength))
      closeSync(descriptor)
      if (tail.subarray(0, length).includes(mark)) return true
      if (size > longestLog) truncateSync(path)
      return false
    },
    limitSeconds,
    20
  )
}
