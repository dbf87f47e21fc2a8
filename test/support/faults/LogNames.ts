import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import type { Daemon } from "../Daemon.ts"
import { pause, until } from "../Waiting.ts"
import type { FaultCase, Outcome } from "./FaultCase.ts"
import type { Script, Stage } from "./Stage.ts"

/** Two parts of lines, between which something happens to the log's name; returns the older files. */
const between = (name: string, happens: (play: Play) => Promise<ReadonlyArray<string>>): FaultCase => ({
  name,
  group: "disk",
  run: async (stage): Promise<Outcome> => {
    const script = stage.parts(500, 500, 500)
    fs.mkdirSync(stage.file("logs"))
    const log = stage.file("logs/pf.log")
    const daemon = stage.start(script.tcpdump, ["--log-file", log])
    await stage.arrived(log, 499)
    const older = await happens({ stage, script, daemon, log })
    script.release()
    await stage.arrived(log, script.sent - 1)
    stage.expect("the log is a regular file", fs.lstatSync(log).isFile())
    await stage.finish(daemon)
    return { sent: script.sent, files: [...older, log] }
  }
})

interface Play {
  readonly stage: Stage
  readonly script: Script
  readonly daemon: Daemon
  readonly log: string
}

/** Keeps what stands in the log and deletes it: what somebody deletes is not ours to keep. */
const keepAndDelete = (log: string): string => {
  const kept = path.join(path.dirname(path.dirname(log)), "kept.log")
  fs.copyFileSync(log, kept)
  fs.rmSync(log)
  return kept
}

const replaced = (by: string, make: (log: string, stage: Stage) => void): FaultCase =>
  between(`log renamed, and ${by} in its place`, async ({ stage, script, log }) => {
    fs.renameSync(log, `${log}.0`)
    make(log, stage)
    script.release()
    await stage.arrived(`${log}.0`, 999)
    fs.rmSync(log, { recursive: true })
    return [`${log}.0`]
  })

const deletedAndReplaced = (by: string, words: string, make: (log: string, stage: Stage) => void): FaultCase =>
  between(`log deleted, and ${by} in its place`, async ({ stage, script, daemon, log }) => {
    const kept = keepAndDelete(log)
    make(log, stage)
    script.release()
    await stage.told(daemon, words)
    fs.rmSync(log, { recursive: true })
    await stage.arrived(log, 999)
    return [kept]
  })

const makeFolder = (log: string) => fs.mkdirSync(log)
const makeFifo = (log: string) => execFileSync("mkfifo", [log])
const makeLink = (log: string, stage: Stage) => {
  const victim = stage.file("victim")
  fs.writeFileSync(victim, "")
  fs.symlinkSync(victim, log)
  stage.atEnd(() => stage.expect("nothing is written through the link", fs.statSync(victim).size === 0))
}

/** newsyslog's own steps: the link to `.0`, a new file by rename, the signal, a pause, the compression. */
const stopped = (seconds: number): FaultCase => ({
  ...between(`stopped (STOP) for ${seconds} s over a rotation by newsyslog`, async ({ script, daemon, log }) => {
    daemon.signal("SIGSTOP")
    fs.linkSync(log, `${log}.0`)
    fs.writeFileSync(`${log}.new`, "", { mode: 0o640 })
    fs.renameSync(`${log}.new`, log)
    daemon.signal("SIGHUP")
    script.release()
    const compressed = pause(seconds * 700)
    await compressed
    execFileSync("gzip", [`${log}.0`])
    await pause(seconds * 300)
    daemon.signal("SIGCONT")
    await until("the lines go to the new file", () => fs.statSync(log).size > 0)
    execFileSync("gunzip", [`${log}.0.gz`])
    return [`${log}.0`]
  }),
  ...(seconds > 2 ? { slow: true } : {})
})

/** The log's name or its folder is tampered with. */
export const logNames: ReadonlyArray<FaultCase> = [
  between("log renamed without a signal", async ({ script, log, stage }) => {
    fs.renameSync(log, `${log}.0`)
    script.release()
    await stage.arrived(log, 999)
    return [`${log}.0`]
  }),
  between("log deleted without a signal", async ({ script, log, stage }) => {
    const kept = keepAndDelete(log)
    script.release()
    await stage.arrived(log, 999)
    return [kept]
  }),
  replaced("a folder", makeFolder),
  replaced("a symbolic link", makeLink),
  replaced("a FIFO", makeFifo),
  deletedAndReplaced("a folder", "it is a folder", makeFolder),
  deletedAndReplaced("a symbolic link", "it is a symbolic link", makeLink),
  deletedAndReplaced("a FIFO", "not a regular file", makeFifo),
  between("log's folder deleted, and back later", async ({ stage, script, daemon, log }) => {
    const kept = keepAndDelete(log)
    fs.rmSync(path.dirname(log), { recursive: true })
    script.release()
    await stage.told(daemon, "folder doesn't exist")
    fs.mkdirSync(path.dirname(log))
    await stage.arrived(log, 999)
    return [kept]
  }),
  between("log's folder renamed, and a new one in its place", async ({ stage, script, log }) => {
    const old = `${path.dirname(log)}.old`
    fs.renameSync(path.dirname(log), old)
    script.release()
    await stage.arrived(path.join(old, "pf.log"), 999)
    fs.mkdirSync(path.dirname(log))
    return [path.join(old, "pf.log")]
  }),
  stopped(1),
  stopped(14)
]
