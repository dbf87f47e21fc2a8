import { execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { temporaryFolder } from "../support/Daemon.ts"
import { fakeTcpdump, isAlive, program, textOf, until } from "../support/faults/Daemon.ts"

/** A pattern that tries every way of dividing a line into words. */
const endless = "^\\s*rule (\\S+\\s*)+: <HOST>;$"

const line =
  "2026-11-22T06:16:54.507027+01:00 rule 1/0(match): block in on em0: 1.2.3.4.41854 > 10.0.0.1.6379: Flags [S], seq 1, win 1024, length 0\n"

const fifo = (folder: string): string => {
  const file = path.join(folder, "fifo")
  execFileSync("mkfifo", [file])
  return file
}

const logWith = (folder: string, text: string): string => {
  const file = path.join(folder, "pf.log")
  fs.writeFileSync(file, text)
  return file
}

interface State {
  readonly words: ReadonlyArray<string>
  /** What to wait for, beyond the program's start. */
  readonly reached?: () => boolean
  /** Programs that must end with it. */
  readonly children?: () => ReadonlyArray<number>
}

const states: ReadonlyArray<readonly [string, (folder: string) => State]> = [
  ["test-pattern reads standard input", () => ({ words: ["test-pattern", "-"] })],
  ["test-pattern opens a FIFO", (folder) => ({ words: ["test-pattern", fifo(folder)] })],
  ["test-pattern judges", (folder) => ({ words: ["test-pattern", "--pattern", endless, logWith(folder, line)] })],
  [
    "test-pattern waits for tcpdump",
    (folder) => {
      const pid = path.join(folder, "child")
      const tcpdump = fakeTcpdump(folder, `echo $$ >${pid}; exec sleep 1000`)
      const capture = path.join(folder, "pflog")
      fs.writeFileSync(capture, Buffer.from("d4c3b2a1020004000000000000000000ffff000075000000", "hex"))
      return {
        words: ["test-pattern", "--tcpdump", tcpdump, capture],
        reached: () => textOf(pid) !== "",
        children: () => [Number(textOf(pid))]
      }
    }
  ],
  [
    "validate waits for a program that hangs",
    (folder) => {
      const pid = path.join(folder, "child")
      const tcpdump = fakeTcpdump(folder, `sleep 1000 & echo $! >${pid}; wait`)
      return {
        words: ["validate", "--tcpdump", tcpdump],
        reached: () => textOf(pid) !== "",
        children: () => [Number(textOf(pid))]
      }
    }
  ],
  ["simulate reads standard input", () => ({ words: ["simulate", "-"] })]
]

describe("INT and TERM", () => {
  it.each(states)(
    "end the program within a second while %s",
    async (_, stateIn) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        const state = stateIn(temporaryFolder())
        const child = spawn(process.execPath, [program, ...state.words], { stdio: ["pipe", "ignore", "ignore"] })
        const ended = new Promise((resolve) => child.on("exit", (status, by) => resolve(by ?? status)))
        await until("the program listens to TERM", () => catchesTerm(child.pid ?? 0))
        if (state.reached !== undefined) await until("the state is reached", state.reached)
        else await new Promise((resolve) => setTimeout(resolve, 700))
        const begun = performance.now()
        child.kill(signal)
        expect(await ended).toBe(signal)
        expect(performance.now() - begun).toBeLessThan(1000)
        for (const pid of state.children?.() ?? []) await until("its children have ended", () => !isAlive(pid))
      }
    },
    60_000
  )
})

/** Whether a process has a listener for TERM (15), as its mask of caught signals tells. */
const catchesTerm = (pid: number): boolean => {
  const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? "0"}`)
  return (caught & (1n << 14n)) !== 0n
}
