import * as fs from "node:fs"

/** What tcpdump tells, at its end or when asked, of all packets since it started. */
export interface KernelStatistics {
  /** Packets that the kernel had for us. */
  readonly received: number
  /** Packets that it dropped, since its buffer was full. */
  readonly dropped: number
}

/**
 * Reads tcpdump's statistics off its stderr: on one line when it was asked, on three at its end.
 *
 * @example
 * tcpdump: 12 packets captured, 15 packets received by filter, 3 packets dropped by kernel
 */
export class StatisticsReader {
  #received = 0
  #dropped = 0

  /** Takes a line; whether it belonged to the statistics. */
  take(line: string): boolean {
    if (!isStatistics(line)) return false
    this.#received = numberBefore("received by filter", line) ?? this.#received
    this.#dropped = numberBefore("dropped by kernel", line) ?? this.#dropped
    return true
  }

  /** What was told last. */
  get latest(): KernelStatistics {
    return { received: this.#received, dropped: this.#dropped }
  }
}

/** Whether a line of stderr belongs to tcpdump's statistics. */
export const isStatistics = (line: string): boolean => statisticsLine.test(line)

const statisticsLine =
  /^(?:tcpdump: )?\d+ packets? (?:captured|received by filter|dropped by (?:kernel|interface))(?:, \d+ packets? [a-z ]+)*$/

const numberBefore = (words: string, line: string): number | undefined => {
  const found = new RegExp(`(\\d+) packets? ${words}`).exec(line)
  return found === null ? undefined : Number(found[1])
}

/** USR1 is signal 10 on Linux, and the tenth bit of a mask. */
const usr1 = 1n << 9n

/**
 * Asks a running tcpdump for its statistics, if that can't hurt: INFO is ignored by those who don't know it, while USR1, which
 * Linux has instead, ends them. There we look first whether the process catches it. FreeBSD's tcpdump dies of USR1.
 */
export const askForStatistics = (pid: number): void => {
  try {
    if (process.platform !== "linux") process.kill(pid, "SIGINFO")
    else if (catches(pid, usr1)) process.kill(pid, "SIGUSR1")
  } catch {
    // It has just ended: its last statistics come by themselves.
  }
}

/** Whether a process catches a signal (Linux: proc(5), SigCgt). */
const catches = (pid: number, signal: bigint): boolean => {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]
  return mask !== undefined && (BigInt(`0x${mask}`) & signal) !== 0n
}
