import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { resolveConfiguration } from "../../src/config/Sources.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { runProgram } from "../support/Program.ts"

const validate = (file: string) => runProgram(["validate", "--before-start", "--config", file])

describe("a configuration file that is none", () => {
  it.each([
    ["/dev/zero", "/dev/zero", "it is a device, no regular file"],
    ["a folder", "/", "it is a folder, no regular file"]
  ])("is refused at once: %s", async (_, file, why) => {
    const { status, stdout } = await validate(file)
    expect(status).toBe(78)
    expect(stdout).toContain(why)
  })

  it("is refused at once where it is a FIFO, or far too large", async () => {
    const folder = temporaryFolder()
    const fifo = path.join(folder, "fifo")
    execFileSync("mkfifo", [fifo])
    expect(await validate(fifo)).toMatchObject({ status: 78, stdout: expect.stringContaining("it is a FIFO") })
    const large = path.join(folder, "large")
    fs.writeFileSync(large, "")
    fs.truncateSync(large, 5 * 1024 ** 3)
    expect(await validate(large)).toMatchObject({ status: 78, stdout: expect.stringContaining("more than 4194304") })
  })
})

const pathKeys = [
  ["log", "file", "PFASCIILOGD_LOG_FILE", "--log-file"],
  ["process", "pid_file", "PFASCIILOGD_PID_FILE", "--pid-file"],
  ["metrics", "textfile", "PFASCIILOGD_METRICS_TEXTFILE", "--metrics-textfile"],
  ["capture", "read", "PFASCIILOGD_READ", "--read"],
  ["capture", "tcpdump", "PFASCIILOGD_TCPDUMP", "--tcpdump"]
] as const

describe("a relative path", () => {
  it.each(pathKeys)("of the file or the environment is refused: %s.%s", async (section, key, variable) => {
    const file = path.join(temporaryFolder(), "pf.toml")
    fs.writeFileSync(file, `[${section}]\n${key} = "./some/file"\n`)
    const ofFile = await runProgram(["run", "--config", file])
    expect(ofFile.status).toBe(78)
    expect(ofFile.stderr).toMatch(
      new RegExp(`${section}\\.${key}: "\\./some/file" is not accepted; accepted: .*absolute`)
    )
    const ofEnvironment = await runProgram(["run"], { [variable]: "./some/file" })
    expect(ofEnvironment.status).toBe(78)
    expect(ofEnvironment.stderr).toMatch(new RegExp(`${variable}: "\\./some/file" is not accepted; .*absolute`))
  })

  it.each(pathKeys)("of a flag is one of the caller's folder: %s.%s", async (_section, _key, _variable, flag) => {
    const configuration = await Effect.runPromise(resolveConfiguration({ [flag.slice(2)]: "./some/file" }, undefined))
    expect(JSON.stringify(configuration)).toContain(JSON.stringify(path.resolve("some/file")))
  })

  it("of the variable that names the configuration is refused", async () => {
    const { status, stderr } = await runProgram(["run"], { PFASCIILOGD_CONFIG: "pf.toml" })
    expect(status).toBe(78)
    expect(stderr).toContain('PFASCIILOGD_CONFIG: "pf.toml" is not accepted; accepted: an absolute path.')
  })
})

describe("a duration", () => {
  it.each(["25 days", "30 days", "5000 weeks", "Infinity"])("that timers cannot count is refused: %s", async (span) => {
    const { status, stderr } = await runProgram(["run", "--silence-warning", span])
    expect(status).toBe(78)
    expect(stderr).toContain("of at most 24 days")
  })
})
