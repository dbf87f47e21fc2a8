import * as fs from "node:fs"
import * as path from "node:path"
import { isAlive, textOf } from "../Daemon.ts"
import { pidIn } from "../Pids.ts"
import { pause, until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import { faultyWrites } from "./FaultyWrites.ts"
import { flood } from "./Floods.ts"
import { smallDisk } from "./FullDisk.ts"
import { usage } from "./Limits.ts"
import { numbersIn } from "./NumberedLines.ts"
import { linesPerScan, scanningText, scansIn } from "./NumberedScans.ts"
import {
  bothLogsIn,
  completeBoth,
  lastWhileFailing,
  type OlderFiles,
  type ScanPlay,
  scanCase,
  scanLogIn,
  scanTold,
  startScanning
} from "./ScanStage.ts"

/** Not a multiple of a line's length: a write ends in the middle of a scan. */
const shortWrite = 5003

/** The second log's writes fail with an errno of Linux's in the middle of a scan, while the main log goes on. */
const failing = (
  name: string,
  number: number,
  words: string,
  mend: (play: ScanPlay) => Promise<OlderFiles>
): FaultCase => {
  let say: (control: string) => void = () => undefined
  return scanCase(
    name,
    async (play) => {
      const { stage, script, daemon } = play
      say(`errno ${number} ${shortWrite}`)
      script.release()
      await stage.told(daemon, words)
      await stage.arrived(daemon.log, lastWhileFailing)
      const older = await mend(play)
      say("none")
      return older
    },
    (stage) => {
      const writes = faultyWrites(stage, scanLogIn(stage))
      say = writes.say
      return { options: writes.options }
    }
  )
}

const noSpace = "no space is left"

/** Renames both logs, as newsyslog does without `B`, and sends the signal. */
const rotateBoth = ({ daemon, scanLog }: ScanPlay, number: number, signal: NodeJS.Signals): void => {
  for (const file of [daemon.log, scanLog]) fs.renameSync(file, `${file}.${number}`)
  daemon.signal(signal)
}

/** newsyslog's own steps: the old name by a link, a new file by rename, the signal. */
const swapBoth = ({ daemon, scanLog }: ScanPlay, number: number, signal: NodeJS.Signals): void => {
  for (const file of [daemon.log, scanLog]) {
    fs.linkSync(file, `${file}.${number}`)
    fs.writeFileSync(`${file}.new`, "", { mode: 0o640 })
    fs.renameSync(`${file}.new`, file)
  }
  daemon.signal(signal)
}

/** Twenty rotations of both logs by either signal, half of them by an atomic swap, while scans come. */
const rotated = (name: string, control: string): FaultCase => ({
  name,
  group: "scan log",
  run: async (stage) => {
    const writes = faultyWrites(stage, bothLogsIn(stage))
    const play = startScanning(stage, [100, 2000, 100], { options: writes.options })
    const { daemon, scanLog, script } = play
    await scanTold(scanLog, 99)
    writes.say(control)
    const before = usage(daemon).descriptors
    script.release()
    const numbers = Array.from({ length: 20 }, (_, number) => number)
    for (const number of numbers) {
      const rotate = number % 2 === 0 ? rotateBoth : swapBoth
      rotate(play, number, number % 4 < 2 ? "SIGHUP" : "SIGUSR1")
      await until("both logs are there again", () => fs.existsSync(daemon.log) && fs.existsSync(scanLog))
      await pause(20)
    }
    const after = usage(daemon).descriptors
    stage.expect(`descriptors: ${before} before, ${after} after`, after <= before + 3)
    script.release()
    const old = (file: string) => numbers.map((number) => `${file}.${number}`)
    return completeBoth(play, { log: old(daemon.log), scans: old(scanLog) })
  }
})

/** Both logs on one small disk, which fills up and is then enlarged. */
const bothOnOneDisk = (name: string, happens: (play: ScanPlay) => Promise<OlderFiles>): FaultCase => ({
  name,
  group: "scan log",
  root: true,
  run: async (stage) => {
    const disk = smallDisk(stage)
    const scanLog = path.join(path.dirname(disk.log), "pf-scan.log")
    const play = startScanning(stage, [100, 300, 50], { log: disk.log, scanLog })
    await scanTold(scanLog, 99)
    disk.fill(4096)
    play.script.release()
    await stage.told(play.daemon, `${noSpace}`)
    await pause(500)
    const older = await happens(play)
    disk.remount("size=8m")
    play.script.release()
    return completeBoth(play, older)
  }
})

const linesPerPiece = 300

/** The second log. */
export const scanLogs: ReadonlyArray<FaultCase> = [
  rotated("twenty rotations of both logs by HUP and USR1, half of them by an atomic swap", "none"),
  rotated("the same, with short writes and EINTR at random", "chaos"),
  failing("ENOSPC in the middle of a scan, then room: the main log goes on", 28, noSpace, async ({ stage, daemon }) => {
    // Each notice that waits with the lines must not be reported again and again.
    await pause(700)
    stage.expect("the failure is reported once", daemon.stderr().split(noSpace).length === 2)
    return {}
  }),
  failing("EIO in the middle of a scan, then room: the main log goes on", 5, "reports an error", async () => ({})),
  failing("full disk and a torn scan, both logs rotated while full", 28, noSpace, async (play) => {
    rotateBoth(play, 0, "SIGHUP")
    await until("both logs exist again", () => [play.daemon.log, play.scanLog].every((file) => fs.existsSync(file)))
    return { log: [`${play.daemon.log}.0`], scans: [`${play.scanLog}.0`] }
  }),
  failing(
    "full disk and a torn scan, and the scan log emptied: that scan is written anew, whole",
    28,
    noSpace,
    async (play) => {
      const kept = play.stage.file("kept.log")
      fs.writeFileSync(kept, textOf(play.scanLog).replace(/[^\n]+$/, ""), "latin1")
      fs.truncateSync(play.scanLog)
      return { scans: [kept] }
    }
  ),
  bothOnOneDisk("both logs on one full disk, then enlarged", async () => ({})),
  bothOnOneDisk("both logs on one full disk, rotated while full", async (play) => {
    rotateBoth(play, 0, "SIGHUP")
    return { log: [`${play.daemon.log}.0`], scans: [`${play.scanLog}.0`] }
  }),
  {
    name: "scan log that stalls in a flood of scans: memory bounded, tcpdump held back",
    group: "scan log",
    run: async (stage) => {
      const writes = faultyWrites(stage, scanLogIn(stage))
      const flags = ["--log-buffer", "256 KiB"]
      const play = startScanning(stage, [100, 17_000], { flags, options: writes.options })
      await scanTold(play.scanLog, 99)
      writes.say("stall")
      play.script.release()
      const taken = () => numbersIn(textOf(play.daemon.log)).length
      let last = -1
      for (let still = 0; still < 10; still = last === taken() ? still + 1 : 0) {
        last = taken()
        await pause(200)
      }
      stage.expect(`tcpdump is held back, after ${last} lines`, last > 1200 && last < play.script.sent / 2)
      writes.say("none")
      await stage.arrived(play.daemon.log, play.script.sent - 1, 120_000)
      const { peakMegabytes } = usage(play.daemon)
      stage.expect(`the most memory used was ${peakMegabytes.toFixed(0)} MB`, peakMegabytes < 250)
      stage.note(`tcpdump was held back after ${last} lines; the most memory used was ${peakMegabytes.toFixed(0)} MB`)
      return completeBoth(play)
    }
  },
  {
    name: "KILL in a flood of scans, then a new start",
    group: "scan log",
    run: async (stage) => {
      const scanLog = scanLogIn(stage)
      fs.mkdirSync(path.dirname(scanLog))
      const first = flood(stage, 1000, 0, linesPerPiece, scanningText)
      const killed = stage.start(first.tcpdump, ["--scan-file", scanLog])
      await until("scans are told", () => textOf(scanLog).length > 20_000)
      killed.signal("SIGKILL")
      await killed.ended()
      await until("its tcpdump has noticed", () => !isAlive(pidIn(stage.file("tcpdump.pid"))))
      const [packets, scans] = [numbersIn(textOf(killed.log)), scansIn(textOf(scanLog))]
      for (const numbers of [packets, scans])
        stage.expect(
          "no gap is left in a log",
          numbers.every((number, index) => number === index)
        )
      // The piece that was being written may have been written in part.
      const taken = first.written() + linesPerPiece
      const next = flood(stage, 100, taken / linesPerPiece, linesPerPiece, scanningText)
      const daemon = stage.start(next.tcpdump, ["--scan-file", scanLog])
      const sent = taken + 100 * linesPerPiece
      await stage.arrived(daemon.log, sent - 1)
      await scanTold(scanLog, sent / linesPerScan - 1)
      await stage.finish(daemon)
      return {
        sent,
        files: [daemon.log],
        scans: { sent: sent / linesPerScan, files: [scanLog] },
        allowed: {
          lost: taken - packets.length + taken / linesPerScan - scans.length,
          torn: 2,
          why: "what had not reached its log when KILL came is lost: the lines in memory and in the pipe"
        }
      }
    }
  }
]
