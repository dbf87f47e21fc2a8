import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { program } from "../support/Daemon.ts"
import { temporaryFolder } from "../support/PerTest.ts"

interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

const validate = (words: ReadonlyArray<string>, environment: Record<string, string> = {}): Promise<Outcome> =>
  new Promise((done) => {
    const env = { PATH: process.env["PATH"] ?? "", ...environment }
    execFile(program, ["validate", ...words], { env }, (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    )
  })

/** A folder with a configuration in it under which `run` could start. */
const preparedFolder = (): { readonly folder: string; readonly config: string } => {
  const folder = temporaryFolder()
  const config = path.join(folder, "pfasciilogd.toml")
  fs.writeFileSync(config, `log.file = "${folder}/pf.log"\nprocess.pid_file = "${folder}/pfasciilogd.pid"\n`)
  return { folder, config }
}

describe("pfasciilogd validate", () => {
  it("tells a table of checks with remedies, and exits 1 where something needs attention", async () => {
    const { config } = preparedFolder()
    const { status, stdout, stderr } = await validate(["--config", config, "--interface", "pflog97"])
    expect(status).toBe(1)
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^good +configuration +it is read and accepted$/m)
    expect(stdout).toMatch(/^failed +interface +pflog97 does not exist\n +remedy: Enable pf's log: /m)
    expect(stdout).toMatch(/need(s)? your attention\.\n$/)
    expect(stdout).not.toContain("\u001b")
  })

  it("exits 0 before a start that can work, whatever else the host lacks", async () => {
    const { config } = preparedFolder()
    const { status, stdout } = await validate(["--config", config, "--before-start", "--interface", "pflog97"])
    expect(status).toBe(0)
    expect(stdout).toContain("Nothing needs your attention.")
  })

  it("says nothing with --quiet where nothing needs attention, and only what does where something does", async () => {
    const { config } = preparedFolder()
    const words = ["--config", config, "--before-start", "--quiet", "--interface", "pflog97"]
    expect(await validate(words)).toEqual({ status: 0, stdout: "", stderr: "" })
    const { status, stdout } = await validate([...words, "--log-file", "/nowhere/pf.log"])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^failed +log folder +the folder \/nowhere does not exist\n +remedy: .*\n1 finding needs/)
  })

  it("exits 1 before a start that can't work", async () => {
    const { config } = preparedFolder()
    const { status, stdout } = await validate(["--config", config, "--before-start", "--log-file", "/nowhere/pf.log"])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^failed +log folder +the folder \/nowhere does not exist$/m)
  })

  it("exits 78 for a configuration that can't be used, and names what is wrong", async () => {
    const { config } = preparedFolder()
    fs.writeFileSync(config, '[log]\nfomat = "ascii"\n')
    const { status, stdout } = await validate(["--config", config])
    expect(status).toBe(78)
    expect(stdout).toMatch(
      /^failed +configuration +.*pfasciilogd\.toml:2: unknown key log\.fomat\. Did you mean log\.format\?/m
    )
    expect((await validate(["--config", "/nowhere.toml"])).stdout).toContain("/nowhere.toml")
  })

  it("tells the same as JSON", async () => {
    const { config } = preparedFolder()
    const { status, stdout } = await validate(["--config", config, "--json", "--log-file", "/nowhere/pf.log"])
    const told = JSON.parse(stdout)
    expect(told.status).toBe(status)
    expect(told.checks).toContainEqual({
      check: "log folder",
      verdict: "failed",
      detail: "the folder /nowhere does not exist",
      remedy: expect.stringContaining("log.file")
    })
    for (const { check, verdict, detail } of told.checks) {
      expect([typeof check, typeof detail]).toEqual(["string", "string"])
      expect(["good", "warning", "failed", "skipped"]).toContain(verdict)
    }
  })

  it("warns where the local time of our lines is not the system's: the zone has rules that no named zone follows", async () => {
    const { config } = preparedFolder()
    const zone = async (TZ: string) => {
      const { stdout } = await validate(["--config", config, "--json"], { TZ })
      return JSON.parse(stdout).checks.find(({ check }: { readonly check: string }) => check === "time zone")
    }
    for (const followed of ["CET-1CEST,M3.5.0,M10.5.0/3", ":/etc/localtime", ":Europe/Berlin"])
      expect(await zone(followed)).toMatchObject({ verdict: "good" })
    expect(await zone("CET-1CEST,J60,J300")).toMatchObject({
      verdict: "warning",
      detail: expect.stringMatching(/^lines have local time of \+0000 all year, but the system's is \+0[12]00 now, /),
      remedy: expect.stringContaining("Europe/Berlin")
    })
  }, 60_000)

  it("finds stand-in programs on PATH, with FreeBSD's output", async () => {
    const { folder, config } = preparedFolder()
    fs.mkdirSync(path.join(folder, "bin"))
    const pfctl =
      '#!/bin/sh\ncase "$*" in "-s info") echo "Status: Disabled for 0 days 00:01:02  Debug: Urgent" ;; esac\n'
    fs.writeFileSync(path.join(folder, "bin/pfctl"), pfctl, { mode: 0o755 })
    const PATH = `${path.join(folder, "bin")}:${process.env["PATH"] ?? ""}`
    const { stdout } = await validate(["--config", config], { PATH })
    expect(stdout).toMatch(/^failed +pf +it is disabled/m)
    expect(stdout).toMatch(/^failed +pf log +no rule logs/m)
    expect(stdout).toMatch(/^failed +pf anchor +anchor "f2b\/\*" is missing/m)
  })
})
