import { execFileSync, spawn } from "node:child_process"
import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { isRunning, ServiceHost, soon } from "../support/ServiceHost.ts"

const hosts: Array<ServiceHost> = []
const makeHost = async (rcConf?: Record<string, string>, prefix?: string): Promise<ServiceHost> => {
  const host = await ServiceHost.make(rcConf, prefix)
  hosts.push(host)
  return host
}
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.remove()
})

const started = async (host: ServiceHost): Promise<{ program: number; supervisor: number }> => {
  const outcome = await host.service("start")
  expect(outcome).toMatchObject({ status: 0, stderr: "" })
  return {
    program: await soon("the program", () => host.runningPidIn(host.pidFile)),
    supervisor: await soon("the supervisor", () => host.runningPidIn(host.supervisorPidFile))
  }
}

const enabled = { pfasciilogd_enable: "YES", pfasciilogd_restart_delay: "1", pfasciilogd_stop_timeout: "2" }

describe("rc.d/pfasciilogd", () => {
  it("is clean under shellcheck and checkbashisms", () => {
    execFileSync("shellcheck", ["-s", "sh", "-e", "SC2034,SC3043,SC1091,SC2223", "rc.d/pfasciilogd", "scripts/install"])
    execFileSync("checkbashisms", ["rc.d/pfasciilogd", "scripts/install"])
  })

  it("starts before securelevel and fail2ban, after pflog", async () => {
    const script = await readFile("rc.d/pfasciilogd", "utf8")
    expect(script).toMatch(
      /^# PROVIDE: pfasciilogd\n# REQUIRE: LOGIN pflog\n# BEFORE: securelevel fail2ban\n# KEYWORD: nojailvnet shutdown$/m
    )
  })

  it("validates, then starts the program under daemon(8), and waits for its pid file", async () => {
    const host = await makeHost(enabled)
    const { program, supervisor } = await started(host)
    const config = join(host.root, "etc/pfasciilogd.toml")
    expect(await host.notes()).toEqual([
      `validate --config ${config} --before-start --quiet`,
      `run ${program}  ${JSON.stringify(["--config", config])}`
    ])
    const commandLine = (await readFile(`/proc/${supervisor}/cmdline`, "utf8")).replaceAll("\0", " ")
    expect(commandLine).toContain(`-r -R 1 -P ${host.supervisorPidFile} -S -T pfasciilogd -t pfasciilogd `)
    expect(commandLine).not.toMatch(/ -p /)
    expect((await host.service("status")).stdout).toBe(
      `pfasciilogd is running as pid ${program}, supervised by pid ${supervisor}.\n`
    )
  })

  it("gives pfasciilogd_flags and pfasciilogd_env to the program, quotes included", async () => {
    const host = await makeHost({
      ...enabled,
      pfasciilogd_flags: '--expression "tcp and port 22" --interface em0',
      pfasciilogd_env: 'GREETING="good day"'
    })
    const { program } = await started(host)
    const flags = [
      "--config",
      join(host.root, "etc/pfasciilogd.toml"),
      "--expression",
      "tcp and port 22",
      "--interface",
      "em0"
    ]
    expect((await host.notes()).at(-1)).toBe(`run ${program} good day ${JSON.stringify(flags)}`)
  })

  it("starts without a configuration where there is none", async () => {
    const host = await makeHost(enabled)
    await rm(join(host.root, "etc/pfasciilogd.toml"))
    await host.setRcConf({ ...enabled, pfasciilogd_flags: `--pid-file ${host.pidFile}` })
    const { program } = await started(host)
    expect((await host.notes()).at(-1)).toBe(`run ${program}  ${JSON.stringify(["--pid-file", host.pidFile])}`)
  })

  it("refuses to start what validate refuses, and says why", async () => {
    const host = await makeHost(enabled)
    await writeFile(join(host.root, "notes.verdict"), "the log folder is missing\n")
    const outcome = await host.service("start")
    expect(outcome.status).toBe(1)
    expect(outcome.stderr).toContain("the log folder is missing")
    expect(await host.notes()).toHaveLength(1)
    expect(await host.pidIn(host.supervisorPidFile)).toBeUndefined()
  })

  it("names a Node or a configuration that isn't there", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_node: "/nowhere/node" })
    expect((await host.service("start")).stderr).toContain("/nowhere/node does not exist: 'pkg install node'")
    await host.setRcConf({ ...enabled, pfasciilogd_config: "/nowhere/pfasciilogd.toml" })
    const outcome = await host.service("start")
    expect(outcome.status).toBe(1)
    expect(outcome.stderr).toContain("/nowhere/pfasciilogd.toml is not readable")
  })

  it("says nothing of its own at a start where all is well", async () => {
    const host = await makeHost(enabled)
    expect(await host.service("start")).toEqual({ status: 0, stdout: "Starting pfasciilogd.\n", stderr: "" })
  })

  it("brings up the pflog interface that loading the module has created", async () => {
    const host = await makeHost(enabled)
    await started(host)
    expect(await host.interfaceHistory("pflog0")).toBe("module up")
  })

  it("creates the pflog interface that loading the module has not created, and no other kind", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_flags: "--interface pflog1" })
    await started(host)
    expect(await host.interfaceHistory("pflog1")).toBe("create up")
    await host.service("stop")
    await host.setRcConf({ ...enabled, pfasciilogd_flags: "--interface em7" })
    await started(host)
    await expect(host.interfaceHistory("em7")).rejects.toThrow()
  })

  it("brings up an interface that exists, without loading or creating anything", async () => {
    const host = await makeHost(enabled)
    await writeFile(join(host.root, "interfaces/pflog0"), "there\n")
    await started(host)
    expect(await host.interfaceHistory("pflog0")).toBe("there up")
    await expect(readFile(join(host.root, "interfaces.loaded"))).rejects.toThrow()
  })

  it("starts all the same where the interface can't be created, and tells what to do", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_flags: "--interface pflog1" })
    await writeFile(join(host.root, "interfaces.refused"), "")
    const outcome = await host.service("start")
    expect(outcome.status).toBe(0)
    expect(outcome.stderr).toContain("pflog1 cannot be created: pfasciilogd waits for it.")
  })

  it("gives daemon(8) its arguments also where forcestart goes on after a broken configuration, and says what is true", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_start_timeout: "1" })
    await writeFile(join(host.root, "notes.verdict"), "log.format: unknown\n")
    const outcome = await host.service("forcestart")
    expect(outcome.stderr).toContain("log.format: unknown")
    const supervisor = await soon("the supervisor", () => host.runningPidIn(host.supervisorPidFile))
    expect(outcome.stderr).toContain(`its supervisor, pid ${supervisor}, keeps trying`)
    const flags = JSON.stringify(["--config", join(host.root, "etc/pfasciilogd.toml")])
    await soon("the program", async () => (await host.notes()).find((note) => note === `refused ${flags}`))
    await rm(join(host.root, "notes.verdict"))
    await soon("the program that works again", () => host.runningPidIn(host.pidFile))
  })

  it("doesn't speak of a supervisor that there is none of", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_start_timeout: "1", pfasciilogd_restart_delay: "never" })
    const outcome = await host.service("forcestart")
    expect(outcome.stderr).toContain("pfasciilogd_restart_delay is 'never'")
    expect(outcome.stderr).not.toContain("keeps trying")
  })

  it.each(["a&b|c", "a\\b", "two words", 'it\'s a; "$HOME"'])(
    "starts, reloads and stops what scripts/install has put below %j",
    async (folder) => {
      const host = await makeHost(enabled, folder)
      const { program, supervisor } = await started(host)
      const flags = JSON.stringify(["--config", join(host.prefix, "etc/pfasciilogd.toml")])
      expect((await host.notes()).at(-1)).toBe(`run ${program}  ${flags}`)
      expect((await host.service("start")).stderr).toContain("already running")
      expect(await host.service("reload")).toMatchObject({ status: 0, stderr: "" })
      expect(await host.service("stop")).toMatchObject({ status: 0, stderr: "" })
      expect([await isRunning(program), await isRunning(supervisor)]).toEqual([false, false])
    }
  )

  it("runs in no service jail, where nothing would prepare its start", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_svcj: "YES" })
    const { program } = await started(host)
    expect((await host.notes()).at(-1)).toContain(`run ${program} `)
  })

  it("gives pfasciilogd_cpuset to the program, and can still be asked, reloaded and stopped", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_cpuset: "0-3" })
    const { program } = await started(host)
    expect(await host.notes()).toContain("processors 0-3")
    expect(await host.service("status")).toMatchObject({ status: 0, stderr: "" })
    expect(await host.service("reload")).toMatchObject({ status: 0, stderr: "" })
    expect(await host.service("stop")).toMatchObject({ status: 0, stderr: "" })
    expect(await isRunning(program)).toBe(false)
  })

  it.each(["leaves", "waits"])("stops the supervisor and a slow program, where daemon %s", async (style) => {
    const host = await makeHost({ ...enabled, pfasciilogd_stop_timeout: "10" })
    Object.assign(host.environment, { DAEMON_STYLE: style, STAND_IN_LAST_WORDS: "700" })
    const { program, supervisor } = await started(host)
    expect(await host.service("stop")).toEqual({ status: 0, stdout: "Stopping pfasciilogd.\n", stderr: "" })
    expect([await isRunning(program), await isRunning(supervisor)]).toEqual([false, false])
    expect((await host.notes()).filter((note) => note === "SIGTERM")).toHaveLength(1)
    expect([await host.pidIn(host.pidFile), await host.pidIn(host.supervisorPidFile)]).toEqual([undefined, undefined])
    expect(await host.service("status")).toMatchObject({ status: 1, stdout: "pfasciilogd is not running.\n" })
  })

  it.each(["leaves", "waits"])(
    "kills a program that ignores TERM after the timeout, where daemon %s",
    async (style) => {
      const host = await makeHost(enabled)
      Object.assign(host.environment, { DAEMON_STYLE: style, STAND_IN_IGNORES_TERM: "yes" })
      const { program, supervisor } = await started(host)
      const outcome = await host.service("stop")
      expect(outcome.status).toBe(0)
      expect(outcome.stderr).toContain("did not end within 2 s and is killed")
      await soon("their end", async () =>
        (await isRunning(program)) || (await isRunning(supervisor)) ? undefined : true
      )
      expect([await host.pidIn(host.pidFile), await host.pidIn(host.supervisorPidFile)]).toEqual([undefined, undefined])
    }
  )

  it("reloads by HUP and rotates by USR1, to the program and not to its supervisor", async () => {
    const host = await makeHost(enabled)
    const { program, supervisor } = await started(host)
    expect((await host.service("reload")).status).toBe(0)
    await soon("HUP", async () => (await host.notes()).find((note) => note === "SIGHUP"))
    expect((await host.service("rotate")).status).toBe(0)
    await soon("USR1", async () => (await host.notes()).find((note) => note === "SIGUSR1"))
    expect([await isRunning(program), await isRunning(supervisor)]).toEqual([true, true])
  })

  it("has a crashed program started again, tells so meanwhile, and can stop in between", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_restart_delay: "2" })
    const { program, supervisor } = await started(host)
    process.kill(program, "SIGKILL")
    await soon("its end", async () => ((await isRunning(program)) ? undefined : true))
    const status = await host.service("status")
    expect(status.status).toBe(1)
    expect(status.stdout).toContain(`its supervisor, pid ${supervisor}, starts it again`)
    expect((await host.service("start")).stderr).toContain("already running")
    const next = await soon("the next program", () => host.runningPidIn(host.pidFile))
    expect(next).not.toBe(program)

    process.kill(next, "SIGKILL")
    await soon("its end", async () => ((await isRunning(next)) ? undefined : true))
    expect((await host.service("stop")).status).toBe(0)
    await soon("the supervisor's end", async () => ((await isRunning(supervisor)) ? undefined : true))
  })

  it("takes a pid file of a crash for what it is, also where the pid is another node's by now", async () => {
    const host = await makeHost(enabled)
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "run"], { stdio: "ignore" })
    try {
      await writeFile(host.pidFile, `${other.pid}\n`)
      await writeFile(host.supervisorPidFile, `${other.pid}\n`)
      expect((await host.service("status")).stdout).toBe("pfasciilogd is not running.\n")
      expect((await host.service("reload")).status).toBe(1)
      expect((await host.service("stop")).status).toBe(1)
      await rm(host.supervisorPidFile)
      const { program } = await started(host)
      expect(program).not.toBe(other.pid)
      await host.service("stop")
      expect(other.exitCode ?? other.signalCode).toBeNull()
    } finally {
      other.kill("SIGKILL")
    }
  })

  it("refuses to start beside a program that lost its supervisor, and can still stop that", async () => {
    const host = await makeHost(enabled)
    const { program, supervisor } = await started(host)
    process.kill(supervisor, "SIGKILL")
    await soon("its end", async () => ((await isRunning(supervisor)) ? undefined : true))
    const status = await host.service("status")
    expect(status).toMatchObject({ status: 0, stdout: `pfasciilogd is running as pid ${program}.\n` })
    expect(status.stderr).toContain("it has no supervisor")
    for (const start of ["start", "faststart"]) {
      expect(await host.service(start)).toMatchObject({ status: 1, stderr: expect.stringContaining("already") })
    }
    expect((await host.service("stop")).status).toBe(0)
    expect(await isRunning(program)).toBe(false)
  })

  it("restarts what works, but keeps it where the new configuration is refused", async () => {
    const host = await makeHost(enabled)
    const { program } = await started(host)
    await writeFile(join(host.root, "notes.verdict"), "log.format: unknown\n")
    const refused = await host.service("restart")
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain("log.format: unknown")
    expect(await isRunning(program)).toBe(true)
    await rm(join(host.root, "notes.verdict"))
    expect((await host.service("restart")).status).toBe(0)
    const next = await soon("the next program", () => host.runningPidIn(host.pidFile))
    expect(next).not.toBe(program)
  })

  it("does nothing unless enabled, but for validate and for stopping what runs", async () => {
    const host = await makeHost({})
    expect((await host.service("start")).stdout).toContain("Set pfasciilogd_enable to YES")
    expect(await host.notes()).toEqual([])
    expect((await host.service("validate", "--json")).status).toBe(0)
    expect(await host.notes()).toEqual([`validate --config ${host.root}/etc/pfasciilogd.toml --json`])
    expect((await host.service("onestart")).status).toBe(0)
    const program = await soon("the program", () => host.runningPidIn(host.pidFile))
    expect((await host.service("stop")).status).toBe(0)
    expect(await isRunning(program)).toBe(false)
  })

  it("honours pfasciilog_enable with a warning, where pfasciilogd_enable is unset", async () => {
    const host = await makeHost({ pfasciilog_enable: "YES" })
    const outcome = await host.service("start")
    expect(outcome.status).toBe(0)
    expect(outcome.stderr).toContain("pfasciilog_enable is obsolete")
    await soon("the program", () => host.runningPidIn(host.pidFile))
    await host.setRcConf({ pfasciilog_enable: "YES", pfasciilogd_enable: "NO" })
    await host.service("stop")
    expect((await host.service("start")).stdout).toContain("Set pfasciilogd_enable to YES")
  })

  it("refuses a restart delay that daemon(8) would refuse, and a user", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_restart_delay: "0" })
    expect((await host.service("start")).stderr).toContain("pfasciilogd_restart_delay is '0'")
    await host.setRcConf({ ...enabled, pfasciilogd_user: "nobody" })
    expect((await host.service("start")).stderr).toContain("pfasciilogd_user is not offered")
  })

  it("fails a start whose program is not ready in time, and leaves it to the supervisor", async () => {
    const host = await makeHost({ ...enabled, pfasciilogd_start_timeout: "1" })
    host.environment["STAND_IN_PID_FILE"] = join(host.root, "run/elsewhere.pid")
    const outcome = await host.service("start")
    expect(outcome.status).toBe(1)
    expect(outcome.stderr).toContain("is not ready after 1 s")
    const elsewhere = await soon("the program", () => host.runningPidIn(join(host.root, "run/elsewhere.pid")))
    expect(await host.runningPidIn(host.supervisorPidFile)).toBeDefined()
    await host.service("stop")
    await soon("its end", async () => ((await isRunning(elsewhere)) ? undefined : true))
  })
})
