import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import type { PacketTruth } from "../../scripts/captures/PacketTruth.ts"

/** What the real tcpdump prints of a capture, as pfasciilogd runs it; one byte a character (latin1). */
export const tcpdumpText = (capture: string): string => {
  const result = spawnSync("tcpdump", ["-tt", "-l", "-e", "-n", "-S", "-r", capture], { maxBuffer: 2 ** 30 })
  if (result.status !== 0) throw new Error(`tcpdump failed: ${result.stderr.toString("latin1")}`)
  return result.stdout.toString("latin1")
}

/** Runs `make-capture` as people do; throws with its message where it fails. */
export const makeCapture = (...flags: ReadonlyArray<string>): Buffer => {
  const result = spawnSync(process.execPath, ["--import", "tsx", "scripts/make-capture.ts", ...flags], {
    maxBuffer: 2 ** 30
  })
  if (result.status !== 0) throw new Error(`make-capture failed: ${result.stderr.toString("latin1")}`)
  return result.stdout
}

/** The truth that `make-capture --truth` wrote; what JSON leaves out reads as `undefined`. */
export const readTruth = (path: string): ReadonlyArray<PacketTruth> =>
  readFileSync(path, "latin1")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as PacketTruth) // written by truthOf
