import * as fs from "node:fs"
import { textOf } from "../Daemon.ts"
import { until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import { faultyWrites } from "./FaultyWrites.ts"

/** Linux's numbers of the errors, and the words in which we tell them. */
const errors = [
  { code: "ENOSPC", number: 28, words: "no space is left" },
  { code: "EDQUOT", number: 122, words: "quota" },
  { code: "EIO", number: 5, words: "reports an error" },
  { code: "EROFS", number: 30, words: "read-only" }
]

/** Not a multiple of a line's length: a write ends in the middle of a line. */
const shortWrite = 10_007

const failing = ({ code, number, words }: (typeof errors)[number]): FaultCase => ({
  name: `${code} in the middle of a line, then room`,
  group: "disk",
  run: async (stage) => {
    const writes = faultyWrites(stage)
    const script = stage.parts(300, 1500, 300)
    const daemon = stage.start(script.tcpdump, [], writes.options)
    await stage.arrived(daemon.log, 299)
    writes.say(`errno ${number} ${shortWrite}`)
    script.release()
    await stage.told(daemon, words)
    // Each notice that waits with the lines must not be told again and again.
    await new Promise((resolve) => setTimeout(resolve, 700))
    stage.expect("the trouble is told once", daemon.stderr().split(words).length === 2)
    writes.say("none")
    script.release()
    await stage.arrived(daemon.log, script.sent - 1)
    await stage.told(daemon, "can be written again")
    await stage.finish(daemon)
    return { sent: script.sent, files: [daemon.log] }
  }
})

const rotatedWhileTorn = (name: string, renamed: boolean, roomFirst: boolean): FaultCase => ({
  name,
  group: "disk",
  run: async (stage) => {
    const writes = faultyWrites(stage)
    const script = stage.parts(300, 1500, 300)
    const daemon = stage.start(script.tcpdump, [], writes.options)
    const rotations = () => fs.existsSync(daemon.log)
    await stage.arrived(daemon.log, 299)
    writes.say(`errno 28 ${shortWrite}`)
    script.release()
    await stage.told(daemon, "no space is left")
    // By now the delay between two attempts is the longest, so HUP is first.
    await new Promise((resolve) => setTimeout(resolve, 1800))
    if (renamed) fs.renameSync(daemon.log, `${daemon.log}.0`)
    if (roomFirst) writes.say("none")
    daemon.signal("SIGHUP")
    if (!roomFirst) await new Promise((resolve) => setTimeout(resolve, 300))
    writes.say("none")
    await until("the log is there again", rotations)
    script.release()
    await stage.arrived(daemon.log, script.sent - 1)
    await stage.finish(daemon)
    return { sent: script.sent, files: [...(renamed ? [`${daemon.log}.0`] : []), daemon.log] }
  }
})

const meddled = (name: string, meddle: (log: string) => void, rotate = false): FaultCase => ({
  name: `full disk and a torn line, and ${name}: that line is written anew, whole`,
  group: "disk",
  run: async (stage) => {
    const writes = faultyWrites(stage)
    const script = stage.parts(300, 1500, 300)
    const daemon = stage.start(script.tcpdump, [], writes.options)
    await stage.arrived(daemon.log, 299)
    writes.say(`errno 28 ${shortWrite}`)
    script.release()
    await stage.told(daemon, "no space is left")
    // What somebody takes out of the log is not ours to keep; the half line is.
    const kept = stage.file("kept.log")
    fs.writeFileSync(kept, textOf(daemon.log).replace(/[^\n]+$/, ""), "latin1")
    meddle(daemon.log)
    if (rotate) daemon.signal("SIGHUP")
    writes.say("none")
    script.release()
    await stage.arrived(daemon.log, script.sent - 1)
    if (!rotate) await stage.told(daemon, "that line is written anew, whole")
    await stage.finish(daemon)
    return { sent: script.sent, files: [kept, daemon.log] }
  }
})

/** Writes that fail or are cut short, by a library that is preloaded. */
export const failingWrites: ReadonlyArray<FaultCase> = [
  ...errors.map(failing),
  rotatedWhileTorn("full disk and a torn line, rotated while full", true, false),
  rotatedWhileTorn("full disk and a torn line, rotated just after there is room", true, true),
  rotatedWhileTorn("full disk and a torn line, HUP without a rotation while full", false, false),
  rotatedWhileTorn("full disk and a torn line, HUP without a rotation just after there is room", false, true),
  meddled("the log emptied", (log) => fs.truncateSync(log)),
  meddled("the log cut within it", (log) => {
    fs.writeFileSync(log, textOf(log).replace(/^.*\n/gs, "").slice(0, 20), "latin1")
  }),
  meddled(
    "the log renamed and the old file emptied",
    (log) => {
      fs.renameSync(log, `${log}.0`)
      fs.truncateSync(`${log}.0`)
      fs.writeFileSync(log, "")
    },
    true
  ),
  {
    name: "full disk and a torn line, and the log deleted: the torn line is written anew",
    group: "disk",
    run: async (stage) => {
      const writes = faultyWrites(stage)
      const script = stage.parts(300, 1500, 300)
      const daemon = stage.start(script.tcpdump, [], writes.options)
      await stage.arrived(daemon.log, 299)
      writes.say(`errno 28 ${shortWrite}`)
      script.release()
      await stage.told(daemon, "no space is left")
      const kept = stage.file("kept.log")
      fs.writeFileSync(kept, textOf(daemon.log).replace(/[^\n]+$/, ""), "latin1")
      fs.rmSync(daemon.log)
      writes.say("none")
      script.release()
      await stage.arrived(daemon.log, script.sent - 1)
      await stage.finish(daemon)
      return { sent: script.sent, files: [kept, daemon.log] }
    }
  },
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
      await stage.arrived(daemon.log, script.sent - 1)
      await stage.finish(daemon)
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
      await stage.arrived(daemon.log, script.sent - 1)
      await stage.finish(daemon)
      return { sent: script.sent, files: [...old, daemon.log] }
    }
  },
  {
    name: "file system that stalls: HUP, USR2 are still taken",
    group: "disk",
    run: async (stage) => {
      const writes = faultyWrites(stage)
      const script = stage.parts(300, 1500, 300)
      const daemon = stage.start(script.tcpdump, [], writes.options)
      await stage.arrived(daemon.log, 299)
      writes.say("stall")
      script.release()
      await new Promise((resolve) => setTimeout(resolve, 300))
      daemon.signal("SIGUSR2")
      await stage.told(daemon, "entries")
      fs.renameSync(daemon.log, `${daemon.log}.0`)
      daemon.signal("SIGHUP")
      await new Promise((resolve) => setTimeout(resolve, 300))
      stage.expect("the rotation waits for the write", !fs.existsSync(daemon.log))
      writes.say("none")
      await until("the log is there again", () => fs.existsSync(daemon.log))
      script.release()
      await stage.arrived(daemon.log, script.sent - 1)
      await stage.finish(daemon)
      return { sent: script.sent, files: [`${daemon.log}.0`, daemon.log] }
    }
  },
  {
    name: "file system that stalls: TERM is taken, all is written once it goes on",
    group: "disk",
    run: async (stage) => {
      const writes = faultyWrites(stage)
      const script = stage.parts(300, 1500)
      const daemon = stage.start(script.tcpdump, [], writes.options)
      await stage.arrived(daemon.log, 299)
      writes.say("stall")
      script.release()
      await new Promise((resolve) => setTimeout(resolve, 300))
      daemon.signal("SIGTERM")
      await new Promise((resolve) => setTimeout(resolve, 1000))
      stage.expectNoTcpdump()
      stage.expect("it waits for the disk", !daemon.hasEnded())
      writes.say("none")
      stage.expect("the exit status is 0", (await daemon.ended()) === 0)
      return { sent: script.sent, files: [daemon.log] }
    }
  },
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
      await stage.arrived(daemon.log, script.sent - 1)
      await stage.finish(daemon)
      return { sent: script.sent, files: [...old, daemon.log] }
    }
  }
]
