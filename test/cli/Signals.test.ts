import { execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { subcommandNames } from "../../src/cli/Subcommands.ts"
import { fakeTcpdump, isAlive, program, textOf } from "../support/Daemon.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

/** A pattern that tries every way of dividing a line into words. */
const endless = "^\\s*rule (\\S+\\s*)+: <HOST>;$"

/** A pattern that takes a hundredth of a second for a line: it tries both ways at each of 20 characters. */
const slow = "^(?:[^~]|[^!]){0,20}(?<=~)<HOST>$"

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

const filterWith = (folder: string, pattern: string): string => {
  const file = path.join(folder, "filter.conf")
  fs.writeFileSync(file, `[Definition]\nfailregex = ${pattern}\n`)
  return file
}

/** An empty capture of pflogd. */
const captureIn = (folder: string): string => {
  const file = path.join(folder, "pflog")
  fs.writeFileSync(file, Buffer.from("d4c3b2a1020004000000000000000000ffff000075000000", "hex"))
  return file
}

const hangingTcpdump = (folder: string) => {
  const pid = path.join(folder, "child")
  return { tcpdump: fakeTcpdump(folder, `echo $$ >${pid}; exec sleep 1000`), ...untilStarted(pid) }
}

/** A program of the host that never answers, in front of the real one. */
const hangingProgram = (folder: string, name: string) => {
  const pid = path.join(folder, "child")
  fs.mkdirSync(path.join(folder, "bin"))
  fs.writeFileSync(path.join(folder, "bin", name), `#!/bin/sh\necho $$ >${pid}\nexec sleep 1000\n`, { mode: 0o755 })
  return { environment: { PATH: `${folder}/bin:${process.env["PATH"]}` }, ...untilStarted(pid) }
}

const untilStarted = (pid: string) => ({
  reached: () => textOf(pid) !== "",
  children: () => [Number(textOf(pid))]
})

interface State {
  readonly words: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
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
      const { tcpdump, ...state } = hangingTcpdump(folder)
      return { ...state, words: ["test-pattern", "--tcpdump", tcpdump, captureIn(folder)] }
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
  ["simulate reads standard input", () => ({ words: ["simulate", "-"] })],
  ["simulate opens a FIFO", (folder) => ({ words: ["simulate", fifo(folder)] })],
  [
    "simulate matches",
    (folder) => ({ words: ["simulate", "--filter", filterWith(folder, endless), logWith(folder, line)] })
  ],
  [
    "simulate matches line after line slowly",
    (folder) => ({ words: ["simulate", "--filter", filterWith(folder, slow), logWith(folder, line.repeat(10_000))] })
  ],
  [
    "simulate waits for tcpdump",
    (folder) => {
      const { tcpdump, ...state } = hangingTcpdump(folder)
      return { ...state, words: ["simulate", "--tcpdump", tcpdump, captureIn(folder)] }
    }
  ],
  [
    "simulate waits for fail2ban-client",
    (folder) => ({ ...hangingProgram(folder, "fail2ban-client"), words: ["simulate", "--fail2ban", folder, "-"] })
  ],
  ["report opens a FIFO", (folder) => ({ words: ["report", fifo(folder)] })],
  [
    "report waits for tcpdump",
    (folder) => {
      const { tcpdump, ...state } = hangingTcpdump(folder)
      return { ...state, words: ["report", "--tcpdump", tcpdump, captureIn(folder)] }
    }
  ],
  ["ignoreip waits for a program that hangs", (folder) => ({ ...hangingProgram(folder, "ip"), words: ["ignoreip"] })],
  [
    "ignoreip --write waits for fail2ban-client",
    (folder) => {
      fs.mkdirSync(path.join(folder, "etc/jail.d"), { recursive: true })
      fs.writeFileSync(path.join(folder, "etc/jail.conf"), "")
      return {
        ...hangingProgram(folder, "fail2ban-client"),
        words: ["ignoreip", "--write", path.join(folder, "etc/jail.d/pfasciilogd-ignoreip.local")]
      }
    }
  ]
]

/** Subcommands that end in an order of their own, or at once in any case. */
const others = ["run", "help"]

describe("INT and TERM", () => {
  it("are tried with each subcommand that can take long", () => {
    const tried = new Set(states.map(([title]) => title.split(" ")[0]))
    expect([...tried].sort()).toEqual(subcommandNames.filter((name) => !others.includes(name)).sort())
  })

  it.each(states)(
    "end the program within a second, without a trace in the folder for temporary files, while %s",
    async (_, stateIn) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        const state = stateIn(temporaryFolder())
        const temporary = temporaryFolder()
        const child = spawn(process.execPath, [program, ...state.words], {
          stdio: ["pipe", "ignore", "ignore"],
          env: { ...process.env, TMPDIR: temporary, ...state.environment }
        })
        const ended = new Promise((resolve) => child.on("exit", (status, by) => resolve(by ?? status)))
        await until("the program listens to TERM", () => catchesTerm(child.pid ?? 0))
        if (state.reached !== undefined) await until("the state is reached", state.reached)
        else await new Promise((resolve) => setTimeout(resolve, 700))
        const begun = performance.now()
        child.kill(signal)
        expect(await ended).toBe(signal)
        expect(performance.now() - begun).toBeLessThan(1000)
        for (const pid of state.children?.() ?? []) await until("its children have ended", () => !isAlive(pid))
        expect(fs.readdirSync(temporary)).toEqual([])
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
