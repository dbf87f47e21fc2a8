import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { textOf } from "../Daemon.ts"
import type { FaultCase } from "./FaultCase.ts"
import type { Stage } from "./Stage.ts"
import { oneStarts } from "./StartRace.ts"

/** A pid file that is there before us, and doesn't hinder us. */
const replacedPidFile = (what: string, write: (pidFile: string, stage: Stage) => void): FaultCase => ({
  name: `pid file that ${what}`,
  group: "ourselves",
  run: async (stage) => {
    const script = stage.parts(200)
    write(stage.file("pf.pid"), stage)
    const daemon = stage.start(script.tcpdump)
    await stage.arrived(daemon.log, 199)
    stage.expect("the pid file is ours", textOf(daemon.pidFile) === `${daemon.process.pid}\n`)
    await stage.finish(daemon)
    return { sent: 200, files: [daemon.log] }
  }
})

const stranger = (stage: Stage, command: string, ...words: ReadonlyArray<string>): ChildProcess => {
  const child = spawn(command, words, { stdio: "ignore" })
  stage.atEnd(() => child.kill("SIGKILL"))
  return child
}

const nobody = 65534

/** Second instances, and pid files of others. */
export const instances: ReadonlyArray<FaultCase> = [
  {
    name: "second instance: refused, the first undisturbed",
    group: "ourselves",
    run: async (stage) => {
      const script = stage.parts(200, 200)
      const daemon = stage.start(script.tcpdump)
      await stage.arrived(daemon.log, 199)
      const second = stage.start(script.tcpdump)
      stage.expect("it ends with status 69 (unavailable)", (await second.ended()) === 69)
      stage.expect("it says why", second.stderr().includes("already running"))
      stage.expect("the pid file is the first one's", textOf(daemon.pidFile) === `${daemon.process.pid}\n`)
      script.release()
      await stage.complete(daemon, script)
      return { sent: script.sent, files: [daemon.log] }
    }
  },
  oneStarts("ourselves", "six started at once on a stale pid file: one of them runs", 6, (stage, number) => {
    if (number === 0) fs.writeFileSync(stage.file("pf.pid"), "4194301\n")
    return []
  }),
  replacedPidFile("is stale", (pidFile) => fs.writeFileSync(pidFile, "4194301\n")),
  replacedPidFile("is empty", (pidFile) => fs.writeFileSync(pidFile, "")),
  replacedPidFile("names another program", (pidFile, stage) =>
    fs.writeFileSync(pidFile, `${stranger(stage, "sleep", "1000").pid}\n`)
  ),
  replacedPidFile("names a program that looks at our files", (pidFile, stage) => {
    const notes = stage.file("pfasciilogd.toml")
    fs.writeFileSync(notes, "")
    fs.writeFileSync(pidFile, `${stranger(stage, "tail", "-f", notes).pid}\n`)
  }),
  {
    ...replacedPidFile("another user owns", (pidFile) => {
      fs.writeFileSync(pidFile, "4194301\n")
      fs.chownSync(pidFile, nobody, nobody)
    }),
    root: true
  },
  {
    name: "pid file of another user that we may not replace",
    group: "ourselves",
    root: true,
    run: async (stage) => {
      const script = stage.parts(200)
      const folder = stage.file("shared")
      fs.mkdirSync(folder)
      fs.chmodSync(folder, 0o1777)
      fs.chmodSync(stage.folder, 0o1777)
      const pidFile = path.join(folder, "pf.pid")
      fs.writeFileSync(pidFile, "4194301\n")
      const flags = ["--pid-file", pidFile]
      const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--"]
      const refused = stage.start(script.tcpdump, flags, { through: asNobody })
      const status = await refused.ended()
      stage.expect(`it ends with status 77 (no permission), not ${status}`, status === 77)
      stage.expect("the pid file is as it was", textOf(pidFile) === "4194301\n")
      fs.rmSync(stage.file("pf.log"), { force: true })
      const daemon = stage.start(script.tcpdump, flags)
      await stage.arrived(daemon.log, 199)
      await stage.finish(daemon)
      return { sent: 200, files: [daemon.log] }
    }
  }
]
