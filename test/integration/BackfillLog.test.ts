import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { textOf } from "../support/Daemon.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { fail2banDump } from "../support/PreparedHost.ts"
import { runProgram } from "../support/Program.ts"

const capture = "test/support/captures/sample.pcap"

describe("run --read", () => {
  it("is wrong usage without a log of its own, and tells why and what to type", async () => {
    const { status, stderr, stdout } = await runProgram(["run", "--read", capture])
    expect({ status, stdout }).toEqual({ status: 64, stdout: "" })
    expect(stderr).toContain("The default, /var/log/pf.log, is the one that fail2ban follows")
    expect(stderr).toContain(`pfasciilogd run --read ${path.resolve(capture)} --log-file /tmp/pf.log`)
    const checked = await runProgram(["validate", "--before-start", "--read", capture])
    expect(checked.status).toBe(64)
    expect(checked.stdout).toMatch(/^failed +configuration +--read appends the packets/m)
  })

  it.each(["flag", "environment", "file"])("takes the log's name from the %s", async (source) => {
    const folder = temporaryFolder()
    const log = path.join(folder, "old.log")
    const config = path.join(folder, "pfasciilogd.toml")
    fs.writeFileSync(config, source === "file" ? `log.file = "${log}"\n` : "")
    const words = ["run", "--config", config, "--read", capture, "--pid-file", path.join(folder, "pf.pid")]
    const environment = source === "environment" ? { PFASCIILOGD_LOG_FILE: log } : {}
    const flags = source === "flag" ? ["--log-file", log] : []
    expect(await runProgram([...words, ...flags], environment)).toMatchObject({ status: 0 })
    expect(textOf(log)).toContain("rule ")
  })

  it("warns of the jail that follows the log", async () => {
    const folder = temporaryFolder()
    const bin = path.join(folder, "bin")
    fs.mkdirSync(bin)
    const log = path.join(folder, "pf.log")
    fs.writeFileSync(path.join(folder, "dump"), fail2banDump({ log }))
    fs.writeFileSync(path.join(bin, "fail2ban-client"), `#!/bin/sh\n[ "$*" = -d ] && cat ${folder}/dump\n`, {
      mode: 0o755
    })
    const daemon = startDaemon(folder, ["--read", capture], { PATH: `${bin}:${process.env["PATH"]}` })
    expect(await daemon.ended()).toBe(0)
    expect(daemon.stderr()).toContain(`pfasciilogd: warning: the jail pfasciilogd of fail2ban follows ${log}`)
    expect(textOf(log)).toContain("rule ")
  })
})
