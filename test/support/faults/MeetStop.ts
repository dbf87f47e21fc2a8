import * as fs from "node:fs"
import { type Daemon, isAlive } from "../Daemon.ts"
import { pidIn } from "../Pids.ts"
import { pause, until } from "../Waiting.ts"
import type { FaultCase, NumberedLog } from "./FaultCase.ts"
import { bytesTold, digitsOfRetries, missingBytes } from "./LostLines.ts"
import type { Stage } from "./Stage.ts"

/** A daemon in the state that the stop shall meet. */
export interface Met {
  readonly daemon: Daemon
  readonly sent: number
  readonly files: ReadonlyArray<string>
  /** The second log, where there is one. */
  readonly scans?: NumberedLog
  /** How it ends: the exit status, or the signal where a system call never returns. */
  readonly ends: number | NodeJS.Signals
  /** How long the stop may take, in milliseconds, where other graces are set. */
  readonly bound?: number
  /** Undoes what not even KILL ends, once all that we can do is done. */
  readonly release?: () => void
  /** The same, once it has ended. */
  readonly thawed?: () => void
  /** What is told beside the loss. */
  readonly tells?: string
  /** A write that hangs at the end may succeed after all, as is told. */
  readonly mayBeWritten?: true
}

/** What keeps a stop short. */
export const graces = ["--stop-grace", "500 millis", "--flush-grace", "1 second"]

/** The promise: both graces, and 5 s where all that can hang does; and 1 s for a busy machine. */
export const stopBound = 500 + 1000 + 5000 + 1000

/** With a second log 5 s more: for the never-ban list, for a write that hangs, and for the main log's last notices. */
const scanBound = stopBound + 5000

/** Waits until what tcpdump has written so far is counted. */
export const counted = async (stage: Stage, daemon: Daemon, entries: number): Promise<void> => {
  for (let asked = 0; !daemon.stderr().includes(`${entries} entries (`); asked++) {
    stage.expect("all entries are counted in time", asked < 200)
    daemon.signal("SIGUSR2")
    await pause(50)
  }
}

/** One state, met by TERM, and by TERM again and again. */
export const met = (
  name: string,
  meet: (stage: Stage) => Promise<Met>,
  more: Partial<FaultCase> = {}
): Array<FaultCase> =>
  [false, true].map((again) => ({
    name: `${name}: ${again ? "TERM, and TERM again" : "TERM"}`,
    group: "stop" as const,
    ...more,
    run: async (stage) => {
      const state = await meet(stage)
      const { daemon, sent, files, scans, ends, release, thawed, tells, mayBeWritten } = state
      const bound = state.bound ?? (scans === undefined ? stopBound : scanBound)
      await counted(stage, daemon, sent)
      const begin = Date.now()
      daemon.signal("SIGTERM")
      const isOver = () => daemon.hasEnded() || (release !== undefined && daemon.stderr().includes("KILL ends it"))
      while (!isOver() && Date.now() < begin + 3 * bound) {
        await pause(again ? 50 : 20)
        if (again) daemon.signal("SIGTERM")
      }
      const took = Date.now() - begin
      release?.()
      const status = await daemon.ended()
      thawed?.()
      stage.note(`the stop took ${took} ms`)
      stage.expect(`the stop took ${took} ms, at most ${bound}`, took <= bound)
      stage.expect(`it ends with ${ends}, not ${status}`, status === ends)
      stage.expect("the pid file is gone", !fs.existsSync(daemon.pidFile))
      await until("tcpdump is gone", () => !isAlive(pidIn(stage.file("tcpdump.pid"))))
      const [told, missing] = [bytesTold(daemon), missingBytes(daemon, sent, files, scans)]
      const digits = digitsOfRetries(daemon, files, took / 1000)
      const isTold = told === missing || told === missing + digits || (mayBeWritten === true && told >= missing)
      stage.expect(`${told} bytes are told as lost, and ${missing} are missing`, isTold)
      stage.expect(`it tells "${tells}"`, daemon.stderr().includes(tells ?? ""))
      stage.expect("a loss has its exit status", missing === 0 || ends !== 0)
      const lost = missing === 0 ? 0 : sent + (scans?.sent ?? 0)
      return {
        sent,
        files,
        ...(scans === undefined ? {} : { scans }),
        allowed: { lost, torn: 0, why: `told on stderr: the last ${told} bytes are lost` }
      }
    }
  }))
