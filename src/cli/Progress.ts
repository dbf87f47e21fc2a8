/** Shows on stderr how far a long task has come. */
export interface Progress {
  /** Counts lines that are done. */
  readonly add: (lines: number) => void
  /** Ends the display and wipes it from the terminal. */
  readonly end: () => void
}

/** A shorter task shows no progress. */
const quietMillis = 2000
const intervalMillis = 500

/** Counts lines on stderr, where that is a terminal and the task takes longer than two seconds. */
export const makeProgress = (): Progress => {
  if (process.stderr.isTTY !== true) return { add: () => undefined, end: () => undefined }
  const started = Date.now()
  let lines = 0
  let shownAt = started + quietMillis - intervalMillis
  let shown = false
  return {
    add: (more) => {
      lines += more
      if (Date.now() < shownAt + intervalMillis) return
      shownAt = Date.now()
      shown = true
      process.stderr.write(`\r${lines.toLocaleString("en-US")} lines in ${Math.round((shownAt - started) / 1000)} s`)
    },
    end: () => {
      if (shown) process.stderr.write("\r\u001b[K")
      shown = false
    }
  }
}
