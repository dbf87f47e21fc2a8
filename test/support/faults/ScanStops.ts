import * as fs from "node:fs"
import * as path from "node:path"
import type { FaultCase } from "./FaultCase.ts"
import { faultyWrites } from "./FaultyWrites.ts"
import { smallDisk } from "./FullDisk.ts"
import { counted, graces, type Met, met, stopBound } from "./MeetStop.ts"
import { linesPerScan } from "./NumberedScans.ts"
import { bothLogsIn, type ScanPlay, type ScanSettings, scanLogIn, scanTold, startScanning } from "./ScanStage.ts"
import type { Stage } from "./Stage.ts"

/** How the second log fails, from the moment on that 100 scans are told. */
interface Fault {
  readonly settings?: ScanSettings
  readonly meets: (play: ScanPlay) => Promise<Partial<Met>>
}

/** 300 more scans come, which the fault keeps out of their log. */
const failing =
  (prepare: (stage: Stage) => Fault) =>
  async (stage: Stage): Promise<Met> => {
    const { settings = {}, meets } = prepare(stage)
    const play = startScanning(stage, [100, 300], { flags: graces, ...settings })
    const { daemon, script, scanLog } = play
    await scanTold(scanLog, 99)
    const state = await meets(play)
    await counted(stage, daemon, script.sent)
    const scans = { sent: script.sent / linesPerScan, files: [scanLog] }
    return { daemon, sent: script.sent, files: [daemon.log], scans, ends: 74, ...state }
  }

/** Writes to files whose path begins so fail. */
const failingWith = (control: string, words: string, faulty = scanLogIn) =>
  failing((stage) => {
    const { options, say } = faultyWrites(stage, faulty(stage))
    return {
      settings: { options },
      meets: async ({ script, daemon }) => {
        say(control)
        script.release()
        await stage.told(daemon, words)
        if (faulty === scanLogIn) await stage.arrived(daemon.log, script.sent - 1)
        return {}
      }
    }
  })

/** The logs share one grace: with two of 4 s each the stop would take 12 s. */
const stalling = (faulty: (stage: Stage) => string) =>
  failing((stage) => {
    const { options, say } = faultyWrites(stage, faulty(stage))
    return {
      settings: { options, flags: ["--stop-grace", "500 millis", "--flush-grace", "4 seconds"] },
      meets: async ({ script }) => {
        say("stall")
        script.release()
        return { ends: "SIGKILL", bound: stopBound + 3000 }
      }
    }
  })

const inMiddle = "errno 28 5003"
const noSpace = "no space is left"

/** A stop with a second log that can't be written: it ends within its bound, and tells exactly what is lost. */
export const scanStops: ReadonlyArray<FaultCase> = [
  ...met("scan log on a disk that is full in the middle of a scan", failingWith(inMiddle, noSpace)),
  ...met("scan log on a device that fails", failingWith("errno 5 5003", "reports an error")),
  ...met("both logs on a disk that is full in the middle of a line", failingWith(inMiddle, noSpace, bothLogsIn)),
  ...met("write to the scan log that never returns", stalling(scanLogIn)),
  ...met("writes to both logs that never return", stalling(bothLogsIn)),
  ...met(
    "both logs on a disk that is truly full",
    failing((stage) => {
      const disk = smallDisk(stage)
      return {
        settings: { log: disk.log, scanLog: path.join(path.dirname(disk.log), "pf-scan.log") },
        meets: async ({ script, daemon }) => {
          disk.fill(4096)
          script.release()
          await stage.told(daemon, noSpace)
          return {}
        }
      }
    }),
    { root: true }
  ),
  ...met(
    "folder in the deleted scan log's place",
    failing((stage) => ({
      meets: async ({ script, daemon, scanLog }) => {
        const kept = stage.file("kept.log")
        fs.copyFileSync(scanLog, kept)
        fs.rmSync(scanLog)
        fs.mkdirSync(scanLog)
        script.release()
        await stage.told(daemon, "it is a folder")
        return { scans: { sent: script.sent / linesPerScan, files: [kept] } }
      }
    }))
  )
].map((fault) => ({ ...fault, group: "scan log" as const }))
