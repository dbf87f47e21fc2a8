import * as fs from "node:fs"
import * as path from "node:path"
import { textOf } from "../Daemon.ts"
import { harmless } from "./Administrators.ts"
import { folderOf, refused } from "./Attackers.ts"
import type { FaultCase } from "./FaultCase.ts"
import { smallDisk } from "./FullDisk.ts"
import { linesPerScan } from "./NumberedScans.ts"
import { completeBoth, scanLogIn, scanTold, startScanning } from "./ScanStage.ts"
import type { Stage } from "./Stage.ts"

/** The scan log is a file of ours already: the start is refused, and names both settings. */
const oneWith = (what: string, word: string, flags: (file: string, stage: Stage) => ReadonlyArray<string>): FaultCase =>
  harmless(`scan log and ${what} are one`, 78, ["scan.file", word], flags)

const one: ReadonlyArray<FaultCase> = [
  oneWith("main log", "log.file", (file) => ["--scan-file", file, "--log-file", file]),
  oneWith("main log, by a hard link,", "log.file", (file) => {
    fs.linkSync(file, `${file}.link`)
    return ["--scan-file", `${file}.link`, "--log-file", file]
  }),
  oneWith("main log, through a link,", "log.file", (file) => {
    fs.symlinkSync(file, `${file}.link`)
    return ["--scan-file", `${file}.link`, "--log-file", file]
  }),
  oneWith("pid file", "process.pid_file", (file) => ["--scan-file", file, "--pid-file", file]),
  oneWith("counters", "metrics.textfile", (file) => ["--scan-file", file, "--metrics-textfile", file]),
  oneWith("saved capture", "capture.read", (file) => ["--scan-file", file, "--read", file]),
  oneWith("configuration file", "configuration file", (_, stage) => {
    const file = stage.file("pf.toml")
    fs.writeFileSync(file, "# nothing\n")
    stage.atEnd(() => stage.expect("the configuration is as it was", textOf(file) === "# nothing\n"))
    return ["--config", file, "--scan-file", file]
  })
]

const planted: ReadonlyArray<FaultCase> = [
  refused("hard link to root's file in the scan log's place", "has a second name", 73, (stage, victim) => {
    const scanLog = path.join(folderOf(stage, "scans", 65534, 0o755), "pf-scan.log")
    fs.linkSync(victim, scanLog)
    return ["--scan-file", scanLog]
  }),
  refused("symbolic link to root's file in the scan log's place", "it is a symbolic link", 73, (stage, victim) => {
    fs.symlinkSync(victim, stage.file("pf-scan.log"))
    return ["--scan-file", stage.file("pf-scan.log")]
  })
]

/** A second log that can't be had: the start is refused, and nothing is destroyed. */
export const scanRefusals: ReadonlyArray<FaultCase> = [
  ...[...one, ...planted].map((fault) => ({ ...fault, group: "scan log" as const })),
  {
    name: "read-only file system under the scan log at the start, writable at the next one",
    group: "scan log",
    root: true,
    run: async (stage) => {
      const disk = smallDisk(stage)
      disk.remount("ro")
      const scanLog = path.join(path.dirname(disk.log), "pf-scan.log")
      const refusal = startScanning(stage, [100], { scanLog }).daemon
      stage.expect("it ends with status 73 (can't create)", (await refusal.ended()) === 73)
      for (const word of ["read-only", "--scan-file"])
        stage.expect(`it says "${word}": "${refusal.stderr()}"`, refusal.stderr().includes(word))
      stage.expect("no pid file is left", !fs.existsSync(refusal.pidFile))
      disk.remount("rw")
      return completeBoth(startScanning(stage, [100], { scanLog }))
    }
  },
  {
    name: "second instance on one scan log, with all else of its own: refused, also between rename and signal",
    group: "scan log",
    run: async (stage) => {
      const play = startScanning(stage, [100, 100])
      const { daemon, scanLog, script } = play
      await scanTold(scanLog, 99)
      const another = async (when: string) => {
        const own = ["--pid-file", stage.file("other.pid"), "--log-file", stage.file("other.log")]
        const second = stage.start(script.tcpdump, ["--scan-file", scanLog, ...own])
        const status = await second.ended()
        stage.expect(`it is refused ${when} with status 69, not ${status}`, status === 69)
        for (const word of [`process number ${daemon.process.pid}`, "--scan-file"])
          stage.expect(`it names ${word}: "${second.stderr()}"`, second.stderr().includes(word))
      }
      await another("at once")
      fs.renameSync(scanLog, `${scanLog}.0`)
      fs.writeFileSync(scanLog, "")
      await another("between rename and signal")
      daemon.signal("SIGHUP")
      script.release()
      await scanTold(scanLogIn(stage), script.sent / linesPerScan - 1)
      await another("after a rotation")
      return completeBoth(play, { scans: [`${scanLog}.0`] })
    }
  }
]
