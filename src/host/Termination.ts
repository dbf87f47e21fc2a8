/** What must end with us: programs that we have started, and temporary folders. */
const companions = new Set<() => void>()

/**
 * Runs `end` before a signal ends the program.
 *
 * @returns what takes that back, once there is nothing left to end
 */
export const beforeEnd = (end: () => void): (() => void) => {
  companions.add(end)
  return () => {
    companions.delete(end)
  }
}

let stopsInOrder = false

/** From here on the caller itself answers INT and TERM. */
export const stopInOrder = (): void => {
  stopsInOrder = true
}

/**
 * Makes INT and TERM end the program at once, whatever it does, by the signal itself, so that a shell sees what has happened;
 * until `stopInOrder` is called. From then on these listeners keep a second TERM from killing us in the middle of the stop: a
 * service script that waits may send one, and daemon(8) passes on what the script has already sent.
 */
export const endAtOnceBySignals = (): void => {
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (stopsInOrder) return
      for (const end of companions) end()
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
      // The first process of a container ignores the signals that it sends to itself.
      process.exit(signal === "SIGTERM" ? 143 : 130)
    })
}
