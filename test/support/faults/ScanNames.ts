import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { textOf } from "../Daemon.ts"
import type { FaultCase } from "./FaultCase.ts"
import { scansIn } from "./NumberedScans.ts"
import { lastWhileFailing, type ScanPlay, scanCase, scanTold } from "./ScanStage.ts"
import type { Stage } from "./Stage.ts"

/** Keeps what stands in the second log and deletes it: what somebody deletes is not ours to keep. */
const keepAndDelete = ({ stage, scanLog }: ScanPlay): string => {
  const kept = stage.file("kept.log")
  fs.copyFileSync(scanLog, kept)
  fs.rmSync(scanLog)
  return kept
}

const inItsPlace: ReadonlyArray<readonly [what: string, words: string, make: (log: string, stage: Stage) => void]> = [
  ["a folder", "it is a folder", (log) => fs.mkdirSync(log)],
  ["a FIFO", "not a regular file", (log) => execFileSync("mkfifo", [log])],
  [
    "a symbolic link",
    "it is a symbolic link",
    (log, stage) => {
      const victim = stage.file("victim")
      fs.writeFileSync(victim, "")
      fs.symlinkSync(victim, log)
      stage.atEnd(() => stage.expect("nothing is written through the link", fs.statSync(victim).size === 0))
    }
  ]
]

const replaced: ReadonlyArray<FaultCase> = inItsPlace.flatMap(([what, words, make]) => [
  scanCase(`renamed, and ${what} in its place`, async ({ stage, script, scanLog }) => {
    fs.renameSync(scanLog, `${scanLog}.0`)
    make(scanLog, stage)
    script.release()
    await scanTold(`${scanLog}.0`, 399)
    fs.rmSync(scanLog, { recursive: true })
    return { scans: [`${scanLog}.0`] }
  }),
  scanCase(`deleted, and ${what} in its place`, async (play) => {
    const { stage, script, daemon, scanLog } = play
    const kept = keepAndDelete(play)
    make(scanLog, stage)
    script.release()
    await stage.told(daemon, words)
    await stage.arrived(daemon.log, lastWhileFailing)
    fs.rmSync(scanLog, { recursive: true })
    await scanTold(scanLog, 399)
    return { scans: [kept] }
  })
])

/** The second log's name or its folder is tampered with. */
export const scanNames: ReadonlyArray<FaultCase> = [
  ...replaced,
  scanCase(
    "emptied by `: >` between two scans: what comes after it begins the file",
    async ({ stage, script, scanLog }) => {
      const kept = stage.file("kept.log")
      fs.copyFileSync(scanLog, kept)
      execFileSync("sh", ["-c", ': >"$0"', scanLog])
      script.release()
      await scanTold(scanLog, 399)
      stage.expect("the file begins with the next scan", scansIn(textOf(scanLog))[0] === 100)
      return { scans: [kept] }
    }
  ),
  scanCase("its folder deleted, and back later", async (play) => {
    const { stage, script, daemon, scanLog } = play
    const kept = keepAndDelete(play)
    fs.rmSync(path.dirname(scanLog), { recursive: true })
    script.release()
    await stage.told(daemon, "folder doesn't exist")
    await stage.arrived(daemon.log, lastWhileFailing)
    fs.mkdirSync(path.dirname(scanLog))
    await scanTold(scanLog, 399)
    return { scans: [kept] }
  })
]
