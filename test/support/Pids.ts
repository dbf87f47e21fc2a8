import * as fs from "node:fs"

/**
 * The process number in a file, once it stands there whole.
 *
 * A file that was only just created is empty. Read as a number that is 0, and kill(2) takes 0 for the caller's own process group:
 * for the whole test run, the one that starts it included.
 */
export const pidIn = (file: string): number | undefined => {
  const [, digits] = /^([1-9]\d*)\n$/.exec(fs.existsSync(file) ? fs.readFileSync(file, "latin1") : "") ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Kills the process whose number stands in a file, where there is one. */
export const killPidIn = (file: string): void => {
  const pid = pidIn(file)
  if (pid === undefined) return
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}
