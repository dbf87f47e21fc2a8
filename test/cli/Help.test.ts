import { execFile, execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"
import { afterAll, describe, expect, it } from "vitest"
import { placedSettings } from "../../src/config/Configuration.ts"
import { program } from "../support/Daemon.ts"
import { runProgram } from "../support/Program.ts"

const helpOf = async (...words: ReadonlyArray<string>): Promise<string> => {
  const { status, stdout, stderr } = await runProgram(words)
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  return stdout
}

/** The subcommands, as the program lists them. */
const listed = async (): Promise<ReadonlyArray<string>> => {
  const commands = /^Commands:\n((?: .*\n)+)/m.exec(await helpOf("--help"))?.[1] ?? ""
  return [...commands.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name ?? "")
}

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length))

describe("the help", () => {
  it("lists the subcommands with a line each, and fits 80 columns", async () => {
    const page = await helpOf("--help")
    expect(await listed()).toEqual(expect.arrayContaining(["run", "validate", "test-pattern", "help"]))
    expect(page).toMatch(/^Usage: pfasciilogd <command> \[options\]$/m)
    expect(page).toMatch(/^ {2}validate +Check the configuration and the host, and say what to do$/m)
    expect(widest(page)).toBeLessThanOrEqual(80)
  })

  it("shows the same page for help NAME, NAME --help and NAME -h, for each subcommand", async () => {
    for (const name of await listed()) {
      const page = await helpOf("help", name)
      expect(await helpOf(name, "--help")).toBe(page)
      expect(await helpOf(name, "-h")).toBe(page)
      expect(page).toMatch(new RegExp(`^Usage: pfasciilogd ${name}\\b`, "m"))
      expect(page).toMatch(/^Examples:$/m)
      expect(page).toMatch(/^ {2}64 {2}the command line is wrong$/m)
      expect(widest(page)).toBeLessThanOrEqual(80)
    }
    expect(await helpOf("help")).toBe(await helpOf("--help"))
    expect(await helpOf("-h")).toBe(await helpOf("--help"))
  })

  it("shows every setting with its default on the flag's line, in the section of the file", async () => {
    const page = await helpOf("run", "--help")
    let section = ""
    const shown = page.split("\n").flatMap((line) => {
      section = /^Settings of \[(\w+)\]:$/.exec(line)?.[1] ?? section
      const [, flag, value] = /^ {2}--(\S+) <.*> {2}\(default: (.*)\)$/.exec(line) ?? []
      return flag === undefined ? [] : [`${section} ${flag} ${value}`]
    })
    const written = (value: string | number | ReadonlyArray<string>) => [value].flat().join(" ") || "none"
    expect(shown).toEqual(
      placedSettings.map(({ section, setting }) => `${section} ${setting.flag} ${written(setting.default)}`)
    )
  })

  it("says nothing of the library's own: no types, no wizard, no log level", async () => {
    for (const name of await listed())
      expect(await helpOf("help", name)).not.toMatch(/user-defined|true or false|wizard|log-level|optional/i)
    for (const shell of ["bash", "zsh", "fish"]) {
      const script = await helpOf("--completions", shell)
      expect(script).toContain("test-pattern")
      expect(script).not.toMatch(/wizard|log-level/)
    }
  })

  it("makes completions that each shell accepts", async () => {
    const script = await helpOf("--completions", "bash")
    execFileSync("bash", ["-n"], { input: script })
  })

  it.each([
    [200, 100],
    [100, 100],
    [60, 60]
  ])("uses what a terminal of %i columns has, up to 100: %i", (columns, expected) => {
    const command = `stty cols ${columns}; ${process.execPath} ${program} help run`
    const page = execFileSync("script", ["-qec", command, "/dev/null"], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], TERM: "xterm", NO_COLOR: "1" }
    }).replaceAll("\r", "")
    // What must not be broken, a flag with its value or a line to type, may be longer.
    const text = page.split("\n").filter((line) => /^(?! {2}(--|pfasciilogd))/.test(line))
    expect(widest(text.join("\n"))).toBeLessThanOrEqual(expected)
    expect(widest(text.join("\n"))).toBeGreaterThan(expected - 10)
  })

  it("shows which arguments must be given", async () => {
    expect(await helpOf("help", "simulate")).toMatch(/^Usage: pfasciilogd simulate \[options\] <file>\.\.\.$/m)
    expect(await helpOf("help", "test-pattern")).toMatch(
      /^Usage: pfasciilogd test-pattern \[options\] \[<file>\.\.\.\]$/m
    )
  })

  it("corrects a misspelt topic", async () => {
    const { status, stdout, stderr } = await runProgram(["help", "rum"])
    expect({ status, stdout }).toEqual({ status: 64, stdout: "" })
    expect(stderr).toContain("Did you mean 'run'?")
  })
})

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const sampleLog = path.join(folder, "pf.log")
fs.writeFileSync(
  sampleLog,
  "2026-11-22T06:16:54.507027+01:00 rule 1/0(match): block in on em0: 1.2.3.4.41854 > 10.0.0.1.6379: Flags [S], seq 1, win 1024, length 0\n"
)

describe("output that cannot be written", () => {
  const words: ReadonlyArray<ReadonlyArray<string>> = [
    ["--version"],
    ["--help"],
    ["run", "--help"],
    ["--completions", "bash"],
    ["test-pattern"],
    ["test-pattern", "--json"],
    ["validate"],
    ["validate", "--json"],
    ["ignoreip"],
    ["ignoreip", "--json"],
    ["ignoreip", "--check", "192.0.2.1"],
    ["simulate", sampleLog],
    ["simulate", "--json", sampleLog]
  ]

  it.each(words)(
    "ends %s %s with status 74 and a reason, on a full disk and without a reader",
    async (...line: ReadonlyArray<string>) => {
      const command = `${process.execPath} ${program} ${line.filter((word) => word !== undefined).join(" ")}`
      // Run beside the test: a worker that is blocked for long breaks vitest.
      const outcome = async (redirection: string) => {
        const script = redirection.replace("COMMAND", `{ ${command}; echo "status $?" >&2; }`)
        return (await promisify(execFile)("bash", ["-c", script])).stdout
      }
      const full = await outcome("COMMAND 2>&1 >/dev/full")
      expect(full).toContain("pfasciilogd: can't write the output: no space is left on the disk.\nstatus 74")
      // The reader has gone before the program starts.
      const unread = await outcome("exec 3>&1; { sleep 0.2; COMMAND; } 2>&3 | true")
      expect(unread).toContain("pfasciilogd: can't write the output: its reader has gone.\nstatus 74")
    }
  )
})
