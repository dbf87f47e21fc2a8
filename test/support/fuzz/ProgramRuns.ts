import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { ExitStatus } from "../../../src/cli/ExitStatus.ts"
import type { Random } from "../captures/Random.ts"
import { program } from "../Daemon.ts"
import { makeCommandLine } from "./CommandLines.ts"
import { makeConfigurationText } from "./Configurations.ts"

/** What was run, and what is wrong with how it went. */
export interface FaultyRun {
  readonly words: ReadonlyArray<string>
  readonly configuration: string
  readonly fault: string
}

/** How long a run may take, in milliseconds; a service that still runs then is asked to stop. */
const mostMillis = 20_000
const mostStopMillis = 12_000

/** A user that can change nothing of the host, whatever the words ask for. */
const nobody = 65_534

const known: ReadonlyArray<number> = Object.values(ExitStatus)

/**
 * Runs the real program with command lines and configurations that nobody has seen, as a user without rights, in a folder of
 * its own: it must not crash, hang, exit with 70, nor fail without a word.
 */
export const fuzzProgram = async (
  random: Random,
  goesOn: (runs: number) => boolean
): Promise<{ readonly runs: number; readonly faults: ReadonlyArray<FaultyRun> }> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-fuzz-"))
  const copy = path.join(folder, "pfasciilogd.mjs")
  fs.copyFileSync(program, copy)
  const isRoot = process.getuid?.() === 0
  if (isRoot) fs.chownSync(folder, nobody, nobody)
  const faults: Array<FaultyRun> = []
  let runs = 0
  try {
    for (; goesOn(runs); runs++) {
      const configuration = makeConfigurationText(random)
      fs.writeFileSync(path.join(folder, "pf.toml"), configuration)
      const words = makeCommandLine(random)
      const fault = await runOnce(copy, folder, words, isRoot)
      if (fault !== undefined) faults.push({ words, configuration, fault })
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
  return { runs, faults }
}

const runOnce = (
  copy: string,
  folder: string,
  words: ReadonlyArray<string>,
  isRoot: boolean
): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [copy, ...words], {
      cwd: folder,
      env: { PATH: process.env["PATH"], PFASCIILOGD_CONFIG: path.join(folder, "pf.toml") },
      stdio: ["ignore", "pipe", "pipe"],
      ...(isRoot ? { uid: nobody, gid: nobody } : {})
    })
    let output = ""
    let isStopped = false
    let isKilled = false
    const gather = (bytes: Buffer) => {
      output += bytes.toString("latin1")
    }
    child.stdout.on("data", gather)
    child.stderr.on("data", gather)
    const stop = setTimeout(() => {
      isStopped = true
      child.kill("SIGTERM")
    }, mostMillis)
    const kill = setTimeout(() => {
      isKilled = true
      child.kill("SIGKILL")
    }, mostMillis + mostStopMillis)
    child.on("close", (status, signal) => {
      clearTimeout(stop)
      clearTimeout(kill)
      if (isKilled) return resolve("it does not stop")
      if (isStopped && words[0] !== "run") return resolve("it does not end")
      resolve(status === null ? `it was ended by ${signal}` : faultOfEnd(status, output))
    })
  })

const faultOfEnd = (status: number, output: string): string | undefined => {
  if (status === ExitStatus.software || /^ +at .*:\d+:\d+/m.test(output)) return `it has a bug: ${output}`
  if (!known.includes(status)) return `its exit status is ${status}: ${output}`
  return status !== ExitStatus.ok && output.trim() === "" ? `it exits with ${status} without a word` : undefined
}
