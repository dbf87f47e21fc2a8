import { execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import packageJson from "../../package.json" with { type: "json" }
import { fakeTcpdump, isAlive, program, textOf } from "../support/Daemon.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { pidIn } from "../support/Pids.ts"
import { type Outcome, runProgram } from "../support/Program.ts"
import { until } from "../support/Waiting.ts"

const escapeCharacter = String.fromCharCode(27)

/** What every failure keeps to: told once, on stderr, under our name, without a stack trace or colours. */
const expectPlainFailure = ({ stdout, stderr }: Outcome, lines = 1) => {
  expect(stdout).toBe("")
  expect(stderr).not.toContain(escapeCharacter)
  expect(stderr).not.toMatch(/^\s+at |node:|file:\/\/|Error:/m)
  expect(stderr.trimEnd().split("\n")).toHaveLength(lines)
  for (const line of stderr.trimEnd().split("\n")) expect(line).toMatch(/^pfasciilogd: /)
}

/** Options that keep `run` in a folder of the test's own. */
const filesIn = (folder: string) => [
  "--log-file",
  path.join(folder, "pf.log"),
  "--pid-file",
  path.join(folder, "pf.pid")
]

describe("pfasciilogd", () => {
  it("tells its version on stdout", async () => {
    expect(await runProgram(["--version"])).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: "" })
  })

  it.each([["--help"], ["run", "--help"]])(
    "explains itself on stdout, without colours where that is no terminal: %s %s",
    async (...words) => {
      const { status, stdout, stderr } = await runProgram(words.filter((word) => word !== undefined))
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
      expect(stdout).toContain("pfasciilogd")
      expect(stdout).not.toContain(escapeCharacter)
    }
  )

  it.each([
    ["with colours on a terminal", {}, true],
    ["without colours on a terminal where NO_COLOR says so", { NO_COLOR: "1" }, false]
  ])("explains itself %s", (_, environment, coloured) => {
    // script(1) gives the program a terminal.
    const command = `${process.execPath} ${program} --help`
    const said = execFileSync("script", ["-qec", command, "/dev/null"], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], TERM: "xterm", ...environment }
    })
    expect(said).toContain("pfasciilogd")
    expect(said.includes(`${escapeCharacter}[`)).toBe(coloured)
  })
})

describe("pfasciilogd, used wrongly", () => {
  it.each([
    ["an unknown flag", ["run", "--interfcae", "x"], "--interfcae"],
    ["an unknown flag of its own", ["--nonsense"], "--nonsense"],
    ["an unknown subcommand", ["rnu"], "rnu"],
    ["a flag without its value", ["run", "--interface"], "--interface"],
    ["a flag in capitals", ["run", "--INTERFACE", "x"], "--INTERFACE"],
    ["a word too many", ["run", "pflog0"], "pflog0"],
    ["no subcommand", [], "subcommand"]
  ])("exits 64 with one helpful line: %s", async (_, words, named) => {
    const outcome = await runProgram(words)
    expect(outcome.status).toBe(64)
    expectPlainFailure(outcome)
    expect(outcome.stderr).toContain(named)
    expect(outcome.stderr).toContain("--help")
  })
})

describe("pfasciilogd, given a wrong flag", () => {
  it.each([
    ["what was probably meant", ["run", "--log-fiel", "x"], "Did you mean '--log-file'?"],
    ["the same where a value is joined to it", ["run", "--log-fiel=x"], "Did you mean '--log-file'?"],
    ["that it was given twice", ["run", "--log-file", "x", "--log-file", "y"], "'--log-file' is given more than once."],
    [
      "that, too, where another flag may be repeated",
      ["run", "--read", "a", "--read", "b", "--log-file", "x", "--log-file", "y"],
      "'--log-file' is given more than once."
    ]
  ])("tells %s", async (_, words, told) => {
    const outcome = await runProgram(words)
    expect(outcome.status).toBe(64)
    expectPlainFailure(outcome)
    expect(outcome.stderr).toContain(told)
  })
})

describe("pfasciilogd run, refusing", () => {
  const run = (...words: ReadonlyArray<string>) => {
    const folder = temporaryFolder()
    return runProgram(["run", ...filesIn(folder), ...words])
  }

  it("exits 78 where the configuration file is missing", async () => {
    const outcome = await run("--config", "/nonexistent/pf.toml")
    expect(outcome.status).toBe(78)
    expectPlainFailure(outcome)
    expect(outcome.stderr).toMatch(/\/nonexistent\/pf\.toml: it doesn't exist\..*--config/)
  })

  it("exits 78 where the environment names a configuration file that is missing", async () => {
    const outcome = await runProgram(["run"], { PFASCIILOGD_CONFIG: "/nonexistent/pf.toml" })
    expect(outcome.status).toBe(78)
    expectPlainFailure(outcome)
  })

  it("exits 78 with a line for each problem of the configuration", async () => {
    const file = path.join(temporaryFolder(), "pf.toml")
    fs.writeFileSync(file, '[log]\nmoed = "0640"\n[restart]\nmax_delay = "soon"\n')
    const outcome = await run("--config", file, "--interface", "two words")
    expect(outcome.status).toBe(78)
    expectPlainFailure(outcome, 3)
    expect(outcome.stderr).toContain(`${file}:2: unknown key log.moed. Did you mean log.mode?`)
    expect(outcome.stderr).toContain(`${file}:4: restart.max_delay: "soon" is not accepted`)
    expect(outcome.stderr).toContain("--interface")
  })

  it("exits 78 with file and line of broken TOML", async () => {
    const file = path.join(temporaryFolder(), "pf.toml")
    fs.writeFileSync(file, "[log]\nfile = \n")
    const outcome = await run("--config", file)
    expect(outcome.status).toBe(78)
    expectPlainFailure(outcome)
    expect(outcome.stderr).toContain(`${file}:2:`)
  })

  it.each([
    ["the log's folder is missing", "--log-file", 73],
    ["the pid file's folder is missing", "--pid-file", 73]
  ])("exits 73 where %s", async (_, flag, status) => {
    const folder = temporaryFolder()
    const words = filesIn(folder).map((word, index, all) => (all[index - 1] === flag ? "/nonexistent/file" : word))
    const outcome = await runProgram(["run", ...words, "--tcpdump", fakeTcpdump(folder, "exec sleep 1000")])
    expect(outcome.status).toBe(status)
    expectPlainFailure(outcome)
    expect(outcome.stderr).toMatch(/\/nonexistent\/file: its folder doesn't exist/)
    expect(outcome.stderr).toContain(flag)
  })

  it("exits 66 where the capture to read is missing", async () => {
    const outcome = await run("--read", "/nonexistent/pflog")
    expect(outcome.status).toBe(66)
    expect(outcome.stderr).toContain("can't read the capture /nonexistent/pflog")
    expectPlainFailure(outcome, outcome.stderr.trimEnd().split("\n").length)
  })
})

describe("pfasciilogd run, and signals", () => {
  it("survives HUP, USR1 and USR2 from the first moment that it listens, and never opens the inspector's port", async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const folder = temporaryFolder()
      const daemon = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, "exec sleep 1000")])
      const pid = daemon.process.pid ?? 0
      await listening(pid)
      while (textOf(daemon.pidFile) === "") {
        for (const signal of ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const) daemon.signal(signal)
        await new Promise((resolve) => setTimeout(resolve, 1))
        expect(daemon.process.exitCode ?? daemon.process.signalCode).toBe(null)
      }
      expect(await isOpen(9229)).toBe(false)
      expect(daemon.stderr()).not.toContain("Debugger")
      daemon.signal("SIGTERM")
      expect(await daemon.ended()).toBe(0)
    }
  })

  it("stops in order also where TERM and INT come again and again", async () => {
    const folder = temporaryFolder()
    const fake = fakeTcpdump(
      folder,
      `trap 'sleep 0.7; echo late words >&2; exit 0' TERM; echo $$ >${folder}/child; while :; do sleep 0.05; done`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake])
    await until("tcpdump runs", () => textOf(path.join(folder, "child")) !== "")
    for (let time = 0; time < 10; time++) {
      daemon.signal(time % 2 === 0 ? "SIGTERM" : "SIGINT")
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    expect(await daemon.ended()).toBe(0)
    expect(textOf(daemon.log)).toContain("late words")
    expect(isAlive(pidIn(path.join(folder, "child")))).toBe(false)
    expect(fs.existsSync(daemon.pidFile)).toBe(false)
  })

  it("goes on where nobody reads its stderr any more", async () => {
    const folder = temporaryFolder()
    const fake = fakeTcpdump(folder, `echo x >>${folder}/starts; exit 1`)
    const words = [program, "run", ...filesIn(folder), "--tcpdump", fake, "--restart-max-delay", "300 millis"]
    const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] })
    child.stderr.destroy()
    const ended = new Promise((resolve) => child.on("exit", (status, signal) => resolve(status ?? signal)))
    await until("tcpdump was started often", () => textOf(path.join(folder, "starts")).length >= 10)
    child.kill("SIGTERM")
    expect(await ended).toBe(0)
  })
})

/** Waits until a process has listeners for HUP (1), USR1 (10) and USR2 (12), as its mask of caught signals tells. */
const listening = async (pid: number): Promise<void> => {
  const wanted = (1n << 0n) | (1n << 9n) | (1n << 11n)
  await until("the program listens", () => {
    const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? "0"}`)
    return (caught & wanted) === wanted
  })
}

/** Whether something listens on a local port. */
const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port })
    socket.on("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.on("error", () => resolve(false))
  })
