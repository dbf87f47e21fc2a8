import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { startFail2ban } from "../support/Fail2banServer.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { PreparedHost } from "../support/PreparedHost.ts"
import { until } from "../support/Waiting.ts"

const quiet = 'anchor "f2b/*" all\nblock drop in log on vtnet0 all'

/** A prepared host whose fail2ban is the real server, with a jail that follows the host's log. */
const withServer = async (ignoreip: string) => {
  const host = new PreparedHost()
  fs.rmSync(path.join(host.root, "bin/fail2ban-client"))
  const real = execFileSync("sh", ["-c", "command -v fail2ban-client"], { encoding: "utf8" }).trim()
  const folder = temporaryFolder()
  const lines = `[pfasciilogd]\nenabled = true\nbackend = polling\nlogpath = ${host.log}\nignoreip = ${ignoreip}\n`
  const server = await startFail2ban(folder, lines)
  const options = ["-c", `${folder}/fail2ban`, "-s", `${folder}/fail2ban.sock`, "-p", `${folder}/fail2ban.pid`]
  host.program("fail2ban-client", `exec ${real} ${options.join(" ")} "$@"`)
  const ban = async (address: string) => {
    execFileSync(real, [...options, "set", "pfasciilogd", "banip", address])
    await until("it is banned", () => server.pfctlCalls().some((call) => call.endsWith(`-T add ${address}`)))
  }
  return { host, ban, jail: path.join(folder, "fail2ban/jail.d/pfasciilogd.local") }
}

describe("validate beside a real fail2ban-server", () => {
  it("compares the server's bans with pf's table", async () => {
    const { host, ban } = await withServer("192.0.2.0/24 198.51.100.53")
    host.pfRules(quiet, [])
    expect(await host.complaints()).toEqual([])
    await ban("203.0.113.9")
    await ban("2001:db8:bad::1")
    expect(await host.complaints()).toEqual([
      "failed bans: pf does not block 2 hosts that fail2ban has banned, because its table f2b-pfasciilogd lacks them: 203.0.113.9, 2001:db8:bad::1"
    ])
    host.pfRules(quiet, ["203.0.113.9", "2001:db8:bad::1"])
    expect(await host.complaints()).toEqual([])
  })

  it("believes what the server ignores, not what the files say by now", async () => {
    const { host, jail } = await withServer("192.0.2.0/24 192.168.0/24")
    host.pfRules(quiet, [])
    const fault = async () =>
      (await host.findings()).filter(({ detail }) => detail.includes("cannot read")).map(({ detail }) => detail)
    expect(await fault()).toEqual([
      "the ignoreip of pfasciilogd has entries that fail2ban cannot read, and that ignore nobody: 192.168.0/24 (not a full address with a valid prefix length)"
    ])
    fs.writeFileSync(jail, fs.readFileSync(jail, "utf8").replace("192.168.0/24", "198.51.100.53"))
    const findings = (await host.findings()).filter(({ check }) => check === "ignoreip")
    expect(findings.map(({ detail }) => detail)).toEqual([
      "the ignoreip of pfasciilogd has entries that fail2ban cannot read, and that ignore nobody: 192.168.0 (an IPv4 address has four parts)",
      expect.stringContaining("may ban 198.51.100.53 (resolver (/etc/resolv.conf)), as the running server says")
    ])
    expect(findings[1]?.remedy).toBe("fail2ban-client reload")
  })
})
