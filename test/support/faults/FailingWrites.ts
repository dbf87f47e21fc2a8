import * as fs from "node:fs"
import { type Daemon, textOf } from "../Daemon.ts"
import { pause, until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import { type FaultyWrites, faultyWrites } from "./FaultyWrites.ts"
import type { Script, Stage } from "./Stage.ts"

/** Linux's numbers of the errors, and the words in which we report them. */
const errors = [
  { code: "ENOSPC", number: 28, words: "no space is left" },
  { code: "EDQUOT", number: 122, words: "quota" },
  { code: "EIO", number: 5, words: "reports an error" },
  { code: "EROFS", number: 30, words: "read-only" }
]

/** Not a multiple of a line's length: a write ends in the middle of a line. */
const shortWrite = 10_007

/** A daemon with 300 lines in its log, while further lines come and its writes fail. */
interface Play {
  readonly stage: Stage
  readonly writes: FaultyWrites
  readonly script: Script
  readonly daemon: Daemon
}

/** @param fault how the writes fail once 300 lines are in the log; `play` lets them succeed again and returns the log's files */
const faultyDisk = (
  name: string,
  fault: string,
  play: (play: Play) => Promise<ReadonlyArray<string>>,
  parts = [300, 1500, 300]
): FaultCase => ({
  name,
  group: "disk",
  run: async (stage) => {
    const writes = faultyWrites(stage)
    const script = stage.parts(...parts)
    const daemon = stage.start(script.tcpdump, [], writes.options)
    await stage.arrived(daemon.log, 299)
    writes.say(fault)
    script.release()
    return { sent: script.sent, files: await play({ stage, writes, script, daemon }) }
  }
})

const isThere = (file: string) => () => fs.existsSync(file)

const failing = ({ code, number, words }: (typeof errors)[number]): FaultCase =>
  faultyDisk(
    `${code} in the middle of a line, then room`,
    `errno ${number} ${shortWrite}`,
    async ({ stage, writes, script, daemon }) => {
      await stage.told(daemon, words)
      // Each notice that waits with the lines must not be reported again and again.
      await pause(700)
      stage.expect("the failure is reported once", daemon.stderr().split(words).length === 2)
      writes.say("none")
      script.release()
      await stage.arrived(daemon.log, script.sent - 1)
      await stage.told(daemon, "can be written again")
      await stage.finish(daemon)
      return [daemon.log]
    }
  )

const fullInLine = `errno 28 ${shortWrite}`

const rotatedWhileTorn = (name: string, renamed: boolean, roomFirst: boolean): FaultCase =>
  faultyDisk(name, fullInLine, async ({ stage, writes, script, daemon }) => {
    await stage.told(daemon, "no space is left")
    // By now the delay between two attempts is the longest, so HUP comes first.
    await pause(1800)
    if (renamed) fs.renameSync(daemon.log, `${daemon.log}.0`)
    if (roomFirst) writes.say("none")
    daemon.signal("SIGHUP")
    if (!roomFirst) await pause(300)
    writes.say("none")
    await until("the log exists again", isThere(daemon.log))
    script.release()
    await stage.complete(daemon, script)
    return [...(renamed ? [`${daemon.log}.0`] : []), daemon.log]
  })

/**
 * @param meddle what somebody does to the log
 * @param isNoticed whether a notice must say so: where the file itself is another one, there is none
 */
const meddled = (name: string, meddle: (log: string, daemon: Daemon) => void, isNoticed = true): FaultCase =>
  faultyDisk(`full disk and a torn line, and ${name}`, fullInLine, async ({ stage, writes, script, daemon }) => {
    await stage.told(daemon, "no space is left")
    // Lines that somebody takes out of the log are not ours to keep; the torn line is.
    const kept = stage.file("kept.log")
    fs.writeFileSync(kept, textOf(daemon.log).replace(/[^\n]+$/, ""), "latin1")
    meddle(daemon.log, daemon)
    writes.say("none")
    script.release()
    await stage.arrived(daemon.log, script.sent - 1)
    if (isNoticed) await stage.told(daemon, "that line is written anew, whole")
    await stage.finish(daemon)
    return [kept, daemon.log]
  })

/** Writes that fail or are cut short, by a library that is preloaded. */
export const failingWrites: ReadonlyArray<FaultCase> = [
  ...errors.map(failing),
  rotatedWhileTorn("full disk and a torn line, rotated while full", true, false),
  rotatedWhileTorn("full disk and a torn line, rotated just after there is room", true, true),
  rotatedWhileTorn("full disk and a torn line, HUP without a rotation while full", false, false),
  rotatedWhileTorn("full disk and a torn line, HUP without a rotation just after there is room", false, true),
  meddled("the log emptied: that line is written anew, whole", (log) => fs.truncateSync(log)),
  meddled("the log cut within it: that line is written anew, whole", (log) => {
    fs.writeFileSync(log, textOf(log).replace(/^.*\n/gs, "").slice(0, 20), "latin1")
  }),
  meddled(
    "the log renamed and the old file emptied: that line is written anew, whole",
    (log, daemon) => {
      fs.renameSync(log, `${log}.0`)
      fs.truncateSync(`${log}.0`)
      fs.writeFileSync(log, "")
      daemon.signal("SIGHUP")
    },
    false
  ),
  meddled("the log deleted: the torn line is written anew", (log) => fs.rmSync(log), false),
  {
    name: "short writes and EINTR at random",
    group: "disk",
    run: async (stage) => {
      const writes = faultyWrites(stage)
      const script = stage.parts(300, 10_000)
      writes.say("chaos")
      const daemon = stage.start(script.tcpdump, [], writes.options)
      await stage.arrived(daemon.log, 299)
      script.release()
      await stage.complete(daemon, script)
      return { sent: script.sent, files: [daemon.log] }
    }
  },
  {
    name: "short writes and EINTR at random, over 20 rotations",
    group: "disk",
    run: async (stage) => {
      const writes = faultyWrites(stage)
      const script = stage.parts(300, 20_000, 300)
      writes.say("chaos")
      const daemon = stage.start(script.tcpdump, [], writes.options)
      await stage.arrived(daemon.log, 299)
      script.release()
      const old = Array.from({ length: 20 }, (_, index) => `${daemon.log}.${index}`)
      for (const name of old) {
        fs.renameSync(daemon.log, name)
        daemon.signal("SIGHUP")
        await until("the log is there again", () => fs.existsSync(daemon.log))
      }
      script.release()
      await stage.complete(daemon, script)
      return { sent: script.sent, files: [...old, daemon.log] }
    }
  },
  faultyDisk(
    "file system that stalls: HUP, USR2 are still taken",
    "stall",
    async ({ stage, writes, script, daemon }) => {
      await pause(300)
      daemon.signal("SIGUSR2")
      await stage.told(daemon, "entries")
      fs.renameSync(daemon.log, `${daemon.log}.0`)
      daemon.signal("SIGHUP")
      await pause(300)
      stage.expect("the rotation waits for the write", !fs.existsSync(daemon.log))
      writes.say("none")
      await until("the log exists again", isThere(daemon.log))
      script.release()
      await stage.complete(daemon, script)
      return [`${daemon.log}.0`, daemon.log]
    }
  ),
  faultyDisk(
    "file system that stalls: TERM is taken, all is written once it goes on",
    "stall",
    async ({ stage, writes, daemon }) => {
      await pause(300)
      daemon.signal("SIGTERM")
      await pause(1000)
      stage.expectNoTcpdump()
      stage.expect("it waits for the disk", !daemon.hasEnded())
      writes.say("none")
      stage.expect("the exit status is 0", (await daemon.ended()) === 0)
      return [daemon.log]
    },
    [300, 1500]
  ),
  {
    name: "file size limit (ulimit -f) of 128 KB, and rotations",
    group: "disk",
    run: async (stage) => {
      const script = stage.parts(300, 2000, 300)
      const daemon = stage.start(script.tcpdump, [], { through: ["prlimit", "--fsize=131072", "--"] })
      await stage.arrived(daemon.log, 299)
      script.release()
      const old: Array<string> = []
      for (const number of [1, 2]) {
        await until("the limit is reached", () => fs.existsSync(daemon.log) && fs.statSync(daemon.log).size > 100_000)
        if (number === 1) await stage.told(daemon, "ulimit -f")
        old.push(`${daemon.log}.${number}`)
        fs.renameSync(daemon.log, `${daemon.log}.${number}`)
        daemon.signal("SIGHUP")
      }
      script.release()
      await stage.complete(daemon, script)
      return { sent: script.sent, files: [...old, daemon.log] }
    }
  }
]
