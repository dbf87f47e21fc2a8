import * as fs from "node:fs"
import * as path from "node:path"
import { type Daemon, type DaemonOptions, textOf } from "../Daemon.ts"
import { until } from "../Waiting.ts"
import type { FaultCase, Outcome } from "./FaultCase.ts"
import { linesPerScan, scanningText, scansIn } from "./NumberedScans.ts"
import type { Script, Stage } from "./Stage.ts"

/** A daemon with a second log, whose tcpdump writes scans. */
export interface ScanPlay {
  readonly stage: Stage
  readonly script: Script
  readonly daemon: Daemon
  readonly scanLog: string
}

/** Older files of both logs, the oldest first. */
export interface OlderFiles {
  readonly log?: ReadonlyArray<string>
  readonly scans?: ReadonlyArray<string>
}

/** How a daemon with a second log is started. */
export interface ScanSettings {
  readonly flags?: ReadonlyArray<string>
  readonly options?: DaemonOptions
  /** Both logs, where not in folders of their own. */
  readonly log?: string
  readonly scanLog?: string
}

/** With what the paths of both logs begin in a stage's folder; */
export const bothLogsIn = (stage: Stage): string => stage.file("logs")

/** and the second log, in a folder of its own. */
export const scanLogIn = (stage: Stage): string => stage.file("logs-of-scans/pf-scan.log")

/** Starts a daemon whose tcpdump writes so many scans, waits for a release, writes so many, …, and then stays. */
export const startScanning = (
  stage: Stage,
  counts: ReadonlyArray<number>,
  { flags = [], options = {}, log = stage.file("logs/pf.log"), scanLog = scanLogIn(stage) }: ScanSettings = {}
): ScanPlay => {
  for (const file of [log, scanLog]) fs.mkdirSync(path.dirname(file), { recursive: true })
  const lines = counts.map((count) => count * linesPerScan)
  const script = stage.partsOf(scanningText, lines)
  const daemon = stage.start(script.tcpdump, ["--log-file", log, "--scan-file", scanLog, ...flags], options)
  return { stage, script, daemon, scanLog }
}

/** Waits until the second log tells of the scan with this number. */
export const scanTold = async (scanLog: string, scan: number, bound?: number): Promise<void> => {
  await until(`scan ${scan} is told`, () => scansIn(textOf(scanLog)).includes(scan), bound)
}

/** Waits until the last packet and the last scan are in their logs, and ends the daemon in order. */
export const completeBoth = async (
  { stage, script, daemon, scanLog }: ScanPlay,
  older: OlderFiles = {}
): Promise<Outcome> => {
  await stage.arrived(daemon.log, script.sent - 1)
  const scans = script.sent / linesPerScan
  await scanTold(scanLog, scans - 1)
  await stage.finish(daemon)
  return {
    sent: script.sent,
    files: [...(older.log ?? []), daemon.log],
    scans: { sent: scans, files: [...(older.scans ?? []), scanLog] }
  }
}

/** The last packet of the 300 scans during which something happens. */
export const lastWhileFailing = 400 * linesPerScan - 1

/** 100 scans are told, something happens while 300 come, and at last 50 more. */
export const scanCase = (
  name: string,
  happens: (play: ScanPlay) => Promise<OlderFiles>,
  settings: (stage: Stage) => ScanSettings = () => ({}),
  more: Partial<FaultCase> = {}
): FaultCase => ({
  name,
  group: "scan log",
  ...more,
  run: async (stage) => {
    const play = startScanning(stage, [100, 300, 50], settings(stage))
    await scanTold(play.scanLog, 99)
    const older = await happens(play)
    play.script.release()
    return completeBoth(play, older)
  }
})
