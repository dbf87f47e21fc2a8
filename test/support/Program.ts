import { spawn } from "node:child_process"
import { program } from "./Daemon.ts"

/** What a run of the program left. */
export interface Outcome {
  readonly status: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program to its end, for at most 20 seconds. */
export const runProgram = (
  words: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {}
): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], ...environment },
      timeout: 20_000,
      killSignal: "SIGKILL"
    })
    const seen = { stdout: "", stderr: "" }
    child.stdout.on("data", (bytes: Buffer) => {
      seen.stdout += bytes.toString()
    })
    child.stderr.on("data", (bytes: Buffer) => {
      seen.stderr += bytes.toString()
    })
    child.on("close", (status, signal) => resolve({ status: status ?? signal, ...seen }))
  })
