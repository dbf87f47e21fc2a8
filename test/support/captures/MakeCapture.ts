import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { writeCapture } from "./CaptureFile.ts"
import { capturePackets, requestFromFlags } from "./CaptureRequest.ts"
import type { PacketTruth } from "./PacketTruth.ts"

/** What the real tcpdump prints of a capture, as pfasciilogd runs it; one byte a character (latin1). */
export const tcpdumpText = (capture: string): string => {
  const result = spawnSync("tcpdump", ["-tt", "-l", "-e", "-n", "-S", "-r", capture], { maxBuffer: 2 ** 30 })
  if (result.status !== 0) throw new Error(`tcpdump failed: ${result.stderr.toString("latin1")}`)
  return result.stdout.toString("latin1")
}

/** Makes the capture that these flags of `make-capture` ask for, and the truth beside it. */
export const makeCaptureFiles = (capture: string, truth: string | undefined, flags: ReadonlyArray<string>): void => {
  const [scenario = "", ...rest] = flags
  const named = Object.fromEntries(rest.flatMap((flag, at) => (at % 2 === 0 ? [[flag.slice(2), rest[at + 1]]] : [])))
  const request = requestFromFlags([scenario], named)
  writeCapture(capturePackets(request), request.format, { capture, truth })
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
