/** What has to end with us: programs that we have started. */
const companions = new Set<() => void>()

/**
 * Has something done before a signal ends the program.
 *
 * @returns what to call once that is needless
 */
export const beforeEnd = (end: () => void): (() => void) => {
  companions.add(end)
  return () => {
    companions.delete(end)
  }
}

let stopsInOrder = false

/** From here on INT and TERM are the caller's own to answer. */
export const stopInOrder = (): void => {
  stopsInOrder = true
}

/**
 * Has INT and TERM end the program at once, whatever it does, by the signal itself, so that a shell sees what has happened;
 * until somebody asks for `stopInOrder`. From then on these listeners keep a second TERM, from a service script that waits
 * or from daemon(8) that passes on what the script has sent already, from killing us in the middle of the stop.
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
