import * as fs from "node:fs"
import { type Daemon, isAlive, textOf } from "../Daemon.ts"
import { pidIn } from "../Pids.ts"
import { pause, until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import { flood, linesPerMegabyte } from "./Floods.ts"
import { numbersIn } from "./NumberedLines.ts"

const begun = (daemon: Daemon): Promise<true> =>
  until("the flood is in the log", () => fs.existsSync(daemon.log) && fs.statSync(daemon.log).size > 500_000)

/** @param between two signals, in milliseconds: those that come too fast become one */
const stopped = (name: string, signals: ReadonlyArray<NodeJS.Signals>, between = 0): FaultCase => ({
  name,
  group: "ourselves",
  run: async (stage) => {
    const { tcpdump, written } = flood(stage, 40)
    const daemon = stage.start(tcpdump)
    await begun(daemon)
    for (const signal of signals) {
      daemon.signal(signal)
      if (between > 0) await pause(between)
    }
    stage.expect("the exit status is 0", (await daemon.ended()) === 0)
    stage.expect("the pid file is gone", !fs.existsSync(daemon.pidFile))
    stage.expectNoTcpdump()
    return { sent: written(), files: [daemon.log] }
  }
})

const twenty = (...signals: ReadonlyArray<NodeJS.Signals>): ReadonlyArray<NodeJS.Signals> =>
  Array.from({ length: 20 }, (_, index) => signals[index % signals.length] ?? "SIGTERM")

/** Signals, in a flood and twenty at once. */
export const signals: ReadonlyArray<FaultCase> = [
  stopped("TERM in a flood", ["SIGTERM"]),
  stopped("INT in a flood", ["SIGINT"]),
  stopped("twenty times TERM at once in a flood", twenty("SIGTERM")),
  stopped("twenty times TERM and INT, 5 ms apart, in a flood", twenty("SIGTERM", "SIGINT"), 5),
  stopped("HUP, USR1, USR2 and then TERM at once in a flood", ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGTERM"]),
  {
    name: "twenty times HUP, USR1 and USR2 at once, in a flood",
    group: "ourselves",
    run: async (stage) => {
      const pieces = 20
      const { tcpdump, written } = flood(stage, pieces)
      const daemon = stage.start(tcpdump)
      await begun(daemon)
      fs.renameSync(daemon.log, `${daemon.log}.0`)
      for (const signal of twenty("SIGHUP", "SIGUSR1", "SIGUSR2")) daemon.signal(signal)
      await until("the log is there again", () => fs.existsSync(daemon.log))
      await until("the flood is over", () => written() === pieces * linesPerMegabyte)
      await stage.finish(daemon)
      return { sent: written(), files: [`${daemon.log}.0`, daemon.log] }
    }
  },
  {
    name: "KILL in a flood, then a new start",
    group: "ourselves",
    run: async (stage) => {
      const linesPerPiece = 300
      const first = flood(stage, 1000, 0, linesPerPiece)
      const killed = stage.start(first.tcpdump)
      await begun(killed)
      killed.signal("SIGKILL")
      await killed.ended()
      await until("its tcpdump has noticed", () => !isAlive(pidIn(stage.file("tcpdump.pid"))))
      const numbers = numbersIn(textOf(killed.log))
      stage.expect(
        "the killed one left the first lines without a gap",
        numbers.every((number, index) => number === index)
      )
      // The piece that was being written may have been written in part.
      const taken = first.written() + linesPerPiece
      const next = flood(stage, 100, taken / linesPerPiece, linesPerPiece)
      const daemon = stage.start(next.tcpdump)
      const sent = taken + 100 * linesPerPiece
      await stage.arrived(daemon.log, sent - 1)
      await stage.finish(daemon)
      return {
        sent,
        files: [daemon.log],
        allowed: {
          lost: taken - numbers.length,
          torn: 1,
          why: "what had not reached the log when KILL came is lost: the lines in memory and in the pipe"
        }
      }
    }
  }
]
