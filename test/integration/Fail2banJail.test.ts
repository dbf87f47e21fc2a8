import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { parseRules } from "../../src/validate/pf/Rule.ts"
import { configureFail2ban, startFail2ban } from "../support/Fail2banServer.ts"
import {
  impossibleIpv4,
  impossibleIpv6,
  innocentIpv4,
  innocentIpv6,
  type PrintedPacket
} from "../support/InnocentPackets.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { probesIpv4, probesIpv6 } from "../support/ProbePackets.ts"
import { until } from "../support/Waiting.ts"

const jailLines = (folder: string, jail: string, global: string): ReadonlyArray<string> =>
  execFileSync("fail2ban-client", ["-c", configureFail2ban(folder, jail, global), "-d"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  })
    .split("\n")
    .filter((line) => line.includes("'pfasciilogd'"))

const enabled = (log: string, ...more: ReadonlyArray<string>): string =>
  ["[pfasciilogd]", "enabled = true", `logpath = ${log}`, "backend = polling", ...more].join("\n")

const recording = ["action = %(known/action)s", "         record"]

/** A log that is written just now, with so many packets of each kind, each kind from a host of its own. */
const writeLog = (log: string, packets: ReadonlyArray<string>, times: number): void => {
  const lines: Array<string> = []
  for (let time = 0; time < times; time++)
    for (const packet of packets)
      lines.push(`${new Date().toISOString().replace("Z", "000+00:00")} rule 1/0(match): block in on em0: ${packet}\n`)
  fs.writeFileSync(log, lines.join(""))
}

const syn = (source: string): string =>
  `${source}.50000 > ${source.includes(":") ? "2001:db8:9::9" : "198.51.100.9"}.22: Flags [S], seq 1, win 1024, length 0`

const hosts4 = (packets: ReadonlyArray<PrintedPacket>, third: number) =>
  packets.map(({ from }, index) => ({
    host: `192.0.${third}.${index + 1}`,
    packet: from(`192.0.${third}.${index + 1}`)
  }))

const hosts6 = (packets: ReadonlyArray<PrintedPacket>, third: number) =>
  packets.map(({ from }, index) => {
    const host = `2001:db8:${third}::${(index + 1).toString(16)}`
    return { host, packet: from(host) }
  })

const innocent = [...hosts4(innocentIpv4, 3), ...hosts6(innocentIpv6, 3)]
const probing = [...hosts4(probesIpv4, 2), ...hosts6(probesIpv6, 2)]
const impossible = [...impossibleIpv4, ...impossibleIpv6].map((host) => ({ host, packet: syn(host) }))
const last = "203.0.113.254"

describe("the shipped jail", () => {
  it("leaves the administrator's [DEFAULT] in force: whom to ignore, mails, longer bans", () => {
    const folder = temporaryFolder()
    const log = path.join(folder, "pf.log")
    fs.writeFileSync(log, "")
    const global = [
      "[DEFAULT]",
      "ignoreip = 203.0.113.0/24 2001:db8:5::/48",
      "bantime.increment = true",
      "usedns = no",
      "action = %(action_mw)s",
      "bantime = -1",
      "mode = ddos"
    ].join("\n")
    const lines = jailLines(folder, enabled(log), global)
    expect(lines).toContain("['set', 'pfasciilogd', 'addignoreip', '203.0.113.0/24', '2001:db8:5::/48']")
    expect(lines).toContain("['set', 'pfasciilogd', 'bantime.increment', True]")
    expect(lines).toContain("['set', 'pfasciilogd', 'usedns', 'no']")
    expect(lines).toContain("['set', 'pfasciilogd', 'addaction', 'pf']")
    expect(lines).toContain("['set', 'pfasciilogd', 'addaction', 'sendmail-whois']")
    // What is made for other logs does not reach this one.
    expect(lines).toContain("['set', 'pfasciilogd', 'bantime', '1h']")
    expect(lines).toContain("['set', 'pfasciilogd', 'maxretry', 12]")
    expect(lines).toContain("['set', 'pfasciilogd', 'findtime', '10m']")
  })

  it("bans nobody whom [DEFAULT] ignores, and can't cut this host off from what it sends", async () => {
    const folder = temporaryFolder()
    const log = path.join(folder, "pf.log")
    writeLog(log, [syn("203.0.113.10"), syn("192.0.2.77"), syn("2001:db8:77::1")], 20)
    const fail2ban = await startFail2ban(
      folder,
      enabled(log, ...recording, "         pfasciilogd-states"),
      {},
      async (config) => fs.writeFileSync(path.join(config, "jail.local"), "[DEFAULT]\nignoreip = 203.0.113.0/24\n")
    )
    await until("the scanners are banned", () => fail2ban.banned().length >= 2)
    await until("their states are ended", () => fail2ban.pfctlCalls().filter((call) => call.includes("-k")).length >= 4)
    expect([...fail2ban.banned()].sort()).toEqual(["192.0.2.77", "2001:db8:77::1"])
    expect(fail2ban.log()).toContain("Ignore 203.0.113.10 by ip")

    const rules = parseRules(fail2ban.pfRules())
    expect(rules.length).toBe(4)
    for (const rule of rules) expect(rule).toMatchObject({ action: "block", direction: "in", quick: true })

    const about = (host: string) => fail2ban.pfctlCalls().filter((call) => call.includes(host))
    expect(about("192.0.2.77")).toEqual([
      "-a f2b/pfasciilogd -t f2b-pfasciilogd -T add 192.0.2.77",
      "-q -k 192.0.2.77",
      "-q -k 0.0.0.0/0 -k 192.0.2.77"
    ])
    expect(about("2001:db8:77::1")).toEqual([
      "-a f2b/pfasciilogd -t f2b-pfasciilogd -T add 2001:db8:77::1",
      "-q -k 2001:db8:77::1",
      "-q -k ::/0 -k 2001:db8:77::1"
    ])
    expect(fail2ban.log()).not.toMatch(/ERROR/)
  })

  it.each([
    ["normal", probing],
    ["tcp", probing.filter((_, index) => [...probesIpv4, ...probesIpv6][index]?.tcp)],
    ["aggressive", [...probing, ...innocent]]
  ] as const)(
    "bans in mode %s exactly who counts there: 20 packets of each kind, each from its own host",
    async (mode, expected) => {
      const folder = temporaryFolder()
      const log = path.join(folder, "pf.log")
      writeLog(
        log,
        [...innocent, ...impossible, ...probing].map(({ packet }) => packet),
        20
      )
      const scan = `${log}.last`
      writeLog(scan, [syn(last)], 20)
      fs.appendFileSync(log, fs.readFileSync(scan))
      const fail2ban = await startFail2ban(folder, enabled(log, `mode = ${mode}`, ...recording))
      await until("the last host is banned", () => fail2ban.banned().includes(last), 120_000)
      expect([...fail2ban.banned()].sort()).toEqual([...expected.map(({ host }) => host), last].sort())
      expect(fail2ban.log()).not.toMatch(/ERROR/)
    },
    180_000
  )
})
