import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

/** What a command printed, and its exit status. */
export interface Finished {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, within a bound in milliseconds. */
export const finished = (
  command: string,
  words: ReadonlyArray<string>,
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
  bound = 120_000
): Promise<Finished> =>
  new Promise((resolve) => {
    execFile(command, words, { ...options, timeout: bound, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    )
  })

/** The files and links below a folder, as `/path`, sorted. */
export const filesBelow = (folder: string): ReadonlyArray<string> =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name).slice(folder.length))
    .sort()

/** Whether a program is on PATH. */
export const existsOnPath = (name: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((place) => fs.existsSync(path.join(place, name)))

/** A folder whose PATH has node, tcpdump and nothing else. */
export const bareTools = (folder: string): string => {
  const tools = path.join(folder, "tools")
  fs.mkdirSync(tools)
  fs.symlinkSync(process.execPath, path.join(tools, "node"))
  for (const place of (process.env["PATH"] ?? "").split(":")) {
    const tcpdump = path.join(place, "tcpdump")
    if (fs.existsSync(tcpdump) && !fs.existsSync(path.join(tools, "tcpdump"))) {
      fs.symlinkSync(tcpdump, path.join(tools, "tcpdump"))
    }
  }
  return tools
}

/** npm's own program, which `npm` on PATH leads to. */
export const npmProgram = (): string => {
  const place = (process.env["PATH"] ?? "").split(":").find((folder) => fs.existsSync(path.join(folder, "npm")))
  return fs.realpathSync(path.join(place ?? "", "npm"))
}

/** Makes a package into a folder of its own. */
export const makePackage = async (kind: "npm" | "port" | "pkg"): Promise<string> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `pfasciilogd-${kind}-`))
  const outcome = await finished("scripts/package", [kind, folder])
  if (outcome.status !== 0) throw new Error(`scripts/package ${kind}: ${outcome.stdout}${outcome.stderr}`)
  return folder
}
