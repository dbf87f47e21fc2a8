/** How long we wait for a system call that has not returned, in milliseconds. */
const patience = 1000
const pause = 10

/**
 * Ends the process by `exit`, or by KILL where a system call never returns (a frozen file system, a FIFO without a reader):
 * before Node exits it waits for the threads that make such calls, without limit.
 *
 * @param status the exit status that `exit` would give
 */
export const leave = (status: number, exit: () => void): void => {
  const end = performance.now() + patience
  const exitIfFree = (): void => {
    if (!process.getActiveResourcesInfo().includes("FSReqCallback")) {
      exit()
      return
    }
    if (performance.now() < end) {
      setTimeout(exitIfFree, pause)
      return
    }
    process.stderr.write(
      `pfasciilogd: a system call does not return, and Node can't exit: KILL ends it, instead of exit status ${status}.\n`
    )
    process.kill(process.pid, "SIGKILL")
  }
  exitIfFree()
}
