import { execFile, execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { summarize } from "../../src/scan/Scan.ts"
import { makeAsciiScanLine } from "../../src/scan/ScanLine.ts"
import { fakeTcpdump, program, textOf } from "../support/Daemon.ts"
import { configureFail2ban, startFail2ban } from "../support/Fail2banServer.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { PreparedHost } from "../support/PreparedHost.ts"
import { until } from "../support/Waiting.ts"

const second = () => Math.floor(Date.now() / 1000)

const syn = (source: string, port: number, at = second()): string =>
  `${at}.000000 rule 1/0(match): block in on em0: ${source}.40000 > ${source.includes(":") ? "2001:db8:9::9" : "198.51.100.9"}.${port}: Flags [S], seq 1, win 1024, length 0\n`

const scan = (source: string, ports = 12): string =>
  Array.from({ length: ports }, (_, index) => syn(source, 20 + index)).join("")

const scansIn = (text: string): ReadonlyArray<string> => [...text.matchAll(/ scan: (\S+) /g)].map(([, who = ""]) => who)

describe("run with a second log", () => {
  it("appends a line for each scan, spares the never-ban list, and rotates both logs at a signal", async () => {
    const folder = temporaryFolder()
    const scanLog = path.join(folder, "scan.log")
    fs.writeFileSync(path.join(folder, "first"), scan("203.0.113.9") + scan("192.0.2.77") + scan("2001:db8:bad:1::5"))
    fs.writeFileSync(path.join(folder, "second"), scan("203.0.113.10", 11) + scan("203.0.113.11", 13))
    const fake = fakeTcpdump(
      folder,
      `cat ${folder}/first; while [ ! -e ${folder}/go ]; do sleep 0.05; done; cat ${folder}/second; sleep 1000`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake, "--scan-file", scanLog, "--guard-never", "192.0.2.0/24"])
    await daemon.ready()
    await until("the scans are told", () => scansIn(textOf(scanLog)).length === 2)
    for (const file of [daemon.log, scanLog]) fs.renameSync(file, `${file}.0`)
    daemon.signal("SIGHUP")
    await until("both logs are there again", () => fs.existsSync(scanLog) && fs.existsSync(daemon.log))
    fs.writeFileSync(path.join(folder, "go"), "")
    await until("the last scan is told", () => scansIn(textOf(scanLog)).length === 1)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
    expect(textOf(`${scanLog}.0`)).toMatch(
      /^\S+ scan: 203\.0\.113\.9 tried 12 ports of 1 address in 0\.0 s: 20, 21, .*, 31\n\S+ scan: 2001:db8:bad:1::\/64 tried 12 ports .*\n$/
    )
    expect(scansIn(textOf(scanLog))).toEqual(["203.0.113.11"])
    expect(fs.statSync(scanLog).mode & 0o777).toBe(0o640)
    expect(textOf(daemon.log)).toMatch(/3 scans named, 1 of the never-ban list, 0 sources forgotten/)
  })

  it("lets scans wait while their log can't be written, and loses none", async () => {
    const folder = temporaryFolder()
    const scanLog = path.join(folder, "scans/scan.log")
    fs.mkdirSync(path.dirname(scanLog))
    fs.writeFileSync(path.join(folder, "lines"), scan("203.0.113.9"))
    const fake = fakeTcpdump(
      folder,
      `while [ ! -e ${folder}/go ]; do sleep 0.05; done; cat ${folder}/lines; sleep 1000`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake, "--scan-file", scanLog])
    await daemon.ready()
    fs.renameSync(path.dirname(scanLog), path.join(folder, "away"))
    fs.rmSync(path.join(folder, "away/scan.log"))
    fs.writeFileSync(path.join(folder, "go"), "")
    await until("the trouble is told", () => textOf(daemon.log).includes("The lines wait in memory"))
    fs.mkdirSync(path.dirname(scanLog))
    await until("the scan is told", () => scansIn(textOf(scanLog)).length === 1)
    await until("that all is well is told", () => textOf(daemon.log).includes(`${scanLog} can be written again`))
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
  })

  it("tells the scans of a saved capture before it ends, in JSON as well", async () => {
    const folder = temporaryFolder()
    const scanLog = path.join(folder, "scan.log")
    fs.writeFileSync(path.join(folder, "lines"), scan("203.0.113.9"))
    const fake = fakeTcpdump(folder, `cat ${folder}/lines`)
    fs.writeFileSync(path.join(folder, "saved"), "")
    const daemon = startDaemon(folder, [
      ...["--tcpdump", fake, "--read", path.join(folder, "saved")],
      ...["--scan-file", scanLog, "--format", "json"]
    ])
    expect(await daemon.ended(20_000)).toBe(0)
    expect(JSON.parse(textOf(scanLog))).toMatchObject({ event: { action: "scan" }, source: { ip: "203.0.113.9" } })
  })

  it("holds its log against a second instance, and refuses the log's own path", async () => {
    const folder = temporaryFolder()
    const fake = fakeTcpdump(folder, "sleep 1000")
    const scanLog = path.join(folder, "scan.log")
    const first = startDaemon(folder, ["--tcpdump", fake, "--scan-file", scanLog])
    await first.ready()
    const other = temporaryFolder()
    const second = startDaemon(other, ["--tcpdump", fake, "--scan-file", scanLog])
    expect(await second.ended()).toBe(69)
    expect(second.stderr()).toContain(`can't open the log ${scanLog}: another pfasciilogd`)
    const third = startDaemon(other, ["--tcpdump", fake, "--scan-file", path.join(other, "pf.log")])
    expect(await third.ended()).toBe(78)
    expect(third.stderr()).toMatch(/log\.file .* and scan\.file .* are the same file/)
  })
})

describe("the jail of scans, in the real fail2ban-server", () => {
  it("bans hosts and networks at their first line, and leaves alone whom [DEFAULT] ignores", async () => {
    const folder = temporaryFolder()
    const log = path.join(folder, "pf-scan.log")
    const line = makeAsciiScanLine()
    const ports = [22, 23, 25].map((port) => ({ protocol: "tcp", port }))
    const told = [
      "203.0.113.9",
      "198.51.100.0/24",
      "2001:db8:bad:1::/64",
      "2001:db8:1::/48",
      "192.0.2.7",
      "192.0.2.0/28"
    ]
    const text = told.map((source) =>
      line(summarize(source, Date.now() * 1000, source.includes("/24") ? 9 : undefined, ports, 1, 0.84))
    )
    const hostile = `${new Date().toISOString()} pfasciilogd[1]: scan: 10.9.9.9 tried 12 ports of 1 address in 0.8 s: 22\n`
    fs.writeFileSync(log, hostile + text.join(""))
    const jail = ["[pfasciilogd-scan]", "enabled = true", `logpath = ${log}`, "backend = polling"]
    const fail2ban = await startFail2ban(
      folder,
      [...jail, "action = %(known/action)s", "         record"].join("\n"),
      {},
      async (config) => fs.writeFileSync(path.join(config, "jail.local"), "[DEFAULT]\nignoreip = 192.0.2.0/24\n")
    )
    await until("the scanners are banned", () => fail2ban.banned().length >= 4)
    expect([...fail2ban.banned()].sort()).toEqual([...told.slice(0, 4)].sort())
    const added = fail2ban.pfctlCalls().filter((call) => call.includes("-T add"))
    expect(added.map((call) => call.split(" ").at(-1)).sort()).toEqual([...told.slice(0, 4)].sort())
    expect(added[0]).toContain("-a f2b/pfasciilogd-scan -t f2b-pfasciilogd-scan -T add")
    expect(fail2ban.pfRules()).toContain("block drop in quick")
    expect(fail2ban.log()).not.toMatch(/ERROR/)
  })
})

describe("the subcommands around the second log", () => {
  it("validate finds what the second log and its jail lack, by fail2ban's own reading of the configuration", async () => {
    const host = new PreparedHost()
    const real = execFileSync("sh", ["-c", `PATH=\${PATH#*:}; command -v fail2ban-client`], { encoding: "utf8" }).trim()
    const folder = temporaryFolder()
    const scanLog = path.join(path.dirname(host.log), "pf-scan.log")
    fs.writeFileSync(scanLog, "", { mode: 0o640 })
    const jail = (name: string, log: string) =>
      `[${name}]\nenabled = true\nbackend = polling\nlogpath = ${log}\nignoreip = 192.0.2.0/24 198.51.100.53\n`
    const config = configureFail2ban(folder, jail("pfasciilogd", host.log))
    host.program("fail2ban-client", `exec ${real} -c ${config} -s ${folder}/none.sock "$@"`)
    const about = async () =>
      (await host.findings({ "scan-file": scanLog }))
        .filter(({ check }) => ["jail", "filter", "jail format", "newsyslog", "log file"].includes(check))
        .map(({ verdict, detail }) => `${verdict}: ${detail.replaceAll(path.dirname(host.log), "")}`)
    expect(await about()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^good: \/pf-scan\.log, mode/),
        expect.stringMatching(/^warning: nothing rotates \/pf-scan\.log/),
        expect.stringMatching(
          /^warning: no enabled jail of fail2ban reads \/pf-scan\.log: nobody gets banned for a scan/
        )
      ])
    )
    fs.writeFileSync(path.join(config, "jail.d/pfasciilogd-scan.local"), jail("pfasciilogd-scan", scanLog))
    expect(await about()).toEqual(
      expect.arrayContaining([
        "good: pfasciilogd-scan reads /pf-scan.log",
        "good: pfasciilogd-scan has the shipped filter of scans"
      ])
    )
    const withFilter = async (failregex: string) => {
      fs.writeFileSync(path.join(config, "filter.d/own.conf"), `[Definition]\nfailregex = ${failregex}\n`)
      fs.writeFileSync(
        path.join(config, "jail.d/pfasciilogd-scan.local"),
        `${jail("pfasciilogd-scan", scanLog)}\nfilter = own\n`
      )
      return (await about()).filter((line) => line.includes("filter of"))
    }
    expect(await withFilter("^ scan: <ADDR> tried ")).toEqual([
      "failed: the filter of pfasciilogd-scan misses 3 of 7 forms of a scan's line"
    ])
    expect(await withFilter("^ scan: <SUBNET>(?: \\(\\d+ hosts\\))? tried ")).toEqual([
      "good: the filter of pfasciilogd-scan is not the shipped one, but passes the audit"
    ])
    expect(await withFilter("scan: <ADDR>")).toEqual([
      expect.stringMatching(/^failed: the filter of pfasciilogd-scan can be fooled: /)
    ])
  })

  it("test-pattern judges a filter by the second log as well", async () => {
    const folder = temporaryFolder()
    const log = path.join(folder, "pf-scan.log")
    const line = makeAsciiScanLine()
    const ports = [{ protocol: "tcp", port: 22 }]
    const told = ["203.0.113.9", "198.51.100.0/24", "2001:db8:bad:1::/64"]
    fs.writeFileSync(log, told.map((source) => line(summarize(source, 1.7e15, undefined, ports, 1, 0))).join(""))
    const judge = (...options: ReadonlyArray<string>) =>
      promisify(execFile)(process.execPath, [program, "test-pattern", "--json", ...options, log])
    const { stdout } = await judge("--filter", "fail2ban/filter.d/pfasciilogd-scan.conf")
    expect(JSON.parse(stdout)).toMatchObject({ entries: 3, matched: 3, wrongHost: 0, notBlocked: 0 })
    const fault = await judge("--pattern", "scan: <ADDR>").catch((error: { readonly stdout: string }) => error)
    expect(JSON.parse(fault.stdout)).toMatchObject({ matched: 3, wrongHost: 2 })
    const missing = JSON.parse((await judge("--pattern", "^ scan: <ADDR> tried ")).stdout)
    expect(missing).toMatchObject({ matched: 1, missed: 2, missedProbes: 2, missedByKind: { scans: 2 }, wrongHost: 0 })
    expect(missing.examples).toEqual([expect.objectContaining({ kind: "missed", truth: "a scan by 198.51.100.0/24" })])
    expect(missing.verdict).toMatch(/^Sound: .*; it does not match 2 scans\.$/)
  })

  it("test-pattern judges the shipped filter of scans by scans, and those of packets by packets", async () => {
    const folder = temporaryFolder()
    const [scans, packets] = [path.join(folder, "pf-scan.log"), path.join(folder, "pf.log")]
    const stamp = "2026-11-22T06:16:54.507027+01:00"
    fs.writeFileSync(scans, `${stamp} scan: 203.0.113.9 tried 12 ports of 1 address in 0.8 s: 22, 53/udp, icmp\n`)
    fs.writeFileSync(packets, `${stamp}${syn("203.0.113.9", 22).slice(syn("203.0.113.9", 22).indexOf(" "))}`)
    const judged = async (...files: ReadonlyArray<string>) => {
      const words = [program, "test-pattern", "--json", ...files]
      const { stdout } = await promisify(execFile)(process.execPath, words)
      const { sound, missed, patterns } = JSON.parse(stdout) as {
        readonly sound: boolean
        readonly missed: number
        readonly patterns: ReadonlyArray<Readonly<Record<"pattern", string> & Record<string, number>>>
      }
      return [sound, missed, ...patterns.map((one) => [one.pattern.split(" ").at(-1), one["entries"], one["matched"]])]
    }
    const ofPackets = ["normal", "tcp", "aggressive"].map((mode) => [`pfasciilogd[mode=${mode}]`, 1, 1])
    const ofScans = ["pfasciilogd-scan", 1, 1]
    expect(await judged(scans)).toEqual([true, 0, ofScans])
    expect(await judged(packets)).toEqual([true, 0, ...ofPackets])
    expect(await judged(scans, packets)).toEqual([true, 0, ...ofPackets, ofScans])
    expect((await judged()).at(-1)).toEqual(["pfasciilogd-scan", 7, 7])
  })
})
