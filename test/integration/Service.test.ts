import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { program, textOf } from "../support/Daemon.ts"
import { numberedLines, numbersIn } from "../support/faults/NumberedLines.ts"
import { isRunning, ServiceHost, soon } from "../support/ServiceHost.ts"

const hosts: Array<ServiceHost> = []
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.remove()
})

/** A host with the built program, whose tcpdump prints a thousand lines and more as fast as they are taken, until TERM. */
const makeHost = async (): Promise<{ readonly host: ServiceHost; readonly log: string }> => {
  const host = await ServiceHost.make({
    pfasciilogd_enable: "YES",
    pfasciilogd_restart_delay: "1",
    pfasciilogd_stop_timeout: "10"
  })
  hosts.push(host)
  const log = path.join(host.root, "pf.log")
  fs.copyFileSync(program, path.join(host.root, "bin/pfasciilogd"))
  fs.writeFileSync(path.join(host.root, "lines"), numberedLines(0, 1000))
  const tcpdump = path.join(host.root, "bin/tcpdump")
  fs.writeFileSync(
    tcpdump,
    `#!/bin/sh
case "$*" in
*--version*) echo "tcpdump version 4.99.4"; exit ;;
esac
trap 'echo; echo "last words" >&2; exit 0' TERM
cat '${host.root}/lines'
while kill -0 $PPID; do sleep 0.05; done
`,
    { mode: 0o755 }
  )
  await host.setConfiguration(
    `[capture]\ntcpdump = "${tcpdump}"\n[log]\nfile = "${log}"\n[process]\npid_file = "${host.pidFile}"\n`
  )
  return { host, log }
}

const start = async (host: ServiceHost): Promise<number> => {
  const outcome = await host.service("start")
  expect(outcome.stderr).not.toContain("WARNING")
  expect(outcome.status).toBe(0)
  return soon("the program", () => host.runningPidIn(host.pidFile))
}

describe("the service with the built program", () => {
  it("starts, logs, opens the log anew on reload, and stops without losing a line or leaving a process", async () => {
    const { host, log } = await makeHost()
    const pid = await start(host)
    await soon("a thousand lines", async () => (numbersIn(textOf(log)).length === 1000 ? true : undefined))
    fs.renameSync(log, `${log}.0`)
    expect((await host.service("reload")).status).toBe(0)
    await soon("the new log", async () => (fs.existsSync(log) ? true : undefined))
    const children = execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map(Number)
    expect((await host.service("stop")).status).toBe(0)
    for (const child of [pid, ...children]) expect(await isRunning(child)).toBe(false)
    expect(numbersIn(textOf(`${log}.0`) + textOf(log))).toEqual(Array.from({ length: 1000 }, (_, index) => index))
    expect(fs.existsSync(host.pidFile)).toBe(false)
  })

  it("is started again after a crash, on the stale pid file that it left", async () => {
    const { host } = await makeHost()
    const pid = await start(host)
    process.kill(pid, "SIGKILL")
    const next = await soon("the next program", async () => {
      const now = await host.runningPidIn(host.pidFile)
      return now === pid ? undefined : now
    })
    expect((await host.service("status")).stdout).toContain(`is running as pid ${next}, supervised by pid`)
  })

  it("refuses to start with a configuration that can't be used, and names the key", async () => {
    const { host, log } = await makeHost()
    await host.setConfiguration(`[log]\nfiel = "${log}"\n`)
    const outcome = await host.service("start")
    expect(outcome.status).toBe(1)
    expect(outcome.stderr).toContain("unknown key log.fiel. Did you mean log.file?")
    expect(fs.existsSync(log)).toBe(false)
  })
})
