import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { onTestFinished } from "vitest"
import { type Daemon, killCaptures, runDaemon } from "./Daemon.ts"

/** A folder of the running test's own, removed after it. */
export const temporaryFolder = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-"))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts `pfasciilogd run` with a log and a pid file in `folder`; it is killed after the test if it still runs. */
export const startDaemon = (
  folder: string,
  flags: ReadonlyArray<string>,
  environment: NodeJS.ProcessEnv = {},
  stdin: "ignore" | "pipe" = "ignore"
): Daemon => {
  const daemon = runDaemon(folder, flags, { environment, stdin })
  onTestFinished(() => {
    daemon.signal("SIGKILL")
    killCaptures(folder)
  })
  return daemon
}
