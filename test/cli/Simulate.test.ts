import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { temporaryFolder } from "../support/PerTest.ts"
import { runProgram } from "../support/Program.ts"

const start = Date.parse("2026-11-22T06:00:00Z") / 1000

/** A blocked SYN as our log has it, so many seconds after the start. */
const syn = (seconds: number, source: string, port: number, action = "block", flags = "S"): string => {
  const stamp = new Date((start + seconds) * 1000).toISOString().replace("Z", "000+00:00")
  return `${stamp} rule 1/0(match): ${action} in on em0: ${source}.40000 > 198.51.100.9.${port}: Flags [${flags}], seq 1, win 1024, length 0\n`
}

const scan = (source: string, from: number, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => syn(from + index, source, 20 + index))

const fileOf = (lines: ReadonlyArray<string>, name = "pf.log"): string => {
  const file = path.join(temporaryFolder(), name)
  fs.writeFileSync(file, lines.join(""))
  return file
}

const simulate = (words: ReadonlyArray<string>) => runProgram(["simulate", ...words])

const jsonOf = async (words: ReadonlyArray<string>) => {
  const { status, stdout, stderr } = await simulate(["--json", ...words])
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  return JSON.parse(stdout)
}

/** A copy of the real fail2ban's configuration with our filter and jail, and what an administrator adds. */
const configuration = (local: string): string => {
  const folder = temporaryFolder()
  fs.cpSync("/etc/fail2ban", folder, { recursive: true })
  fs.cpSync("fail2ban", folder, { recursive: true })
  fs.writeFileSync(path.join(folder, "jail.d/pfasciilogd.local"), local)
  return folder
}

describe("pfasciilogd simulate", () => {
  it("tells each ban of the shipped jail: when, until, packets counted and kept out, delay and ports", async () => {
    const log = fileOf([...scan("192.0.2.7", 0, 30), syn(4000, "192.0.2.8", 22)])
    expect(await jsonOf([log])).toMatchObject({
      jail: { name: "pfasciilogd", maxretry: 12, findtime: 600, bantime: 3600, increment: null },
      lines: 31,
      entries: 31,
      counted: 31,
      bans: [
        {
          host: "192.0.2.7",
          at: "2026-11-22T06:00:11Z",
          until: "2026-11-22T07:00:11Z",
          packets: 12,
          prevented: 18,
          delay: 11,
          ports: 30,
          protocols: ["tcp"],
          forgeable: true,
          worrying: false
        }
      ],
      grid: []
    })
  })

  it("takes thresholds from the command line, and says until for ever", async () => {
    const log = fileOf(scan("192.0.2.7", 0, 30))
    const { bans, jail } = await jsonOf(["--maxretry", "3", "--findtime", "1m", "--bantime=-1", log])
    expect(jail).toMatchObject({ maxretry: 3, findtime: 60, bantime: -1 })
    expect(bans).toMatchObject([{ at: "2026-11-22T06:00:02Z", until: null, prevented: 27 }])
  })

  it("counts packets of banned hosts on in an open loop", async () => {
    const log = fileOf(scan("192.0.2.7", 0, 30))
    expect((await jsonOf(["--open-loop", log])).bans).toMatchObject([{ until: "2026-11-22T07:00:23Z", prevented: 18 }])
  })

  it("takes a jail as fail2ban resolves it, a disabled one too, with its ignoreip", async () => {
    const folder = configuration(
      "[pfasciilogd]\nenabled = false\nignoreip = 192.0.2.8 2001:db8::/32\nmaxretry = 5\nbantime.increment = true\n"
    )
    const log = fileOf([...scan("192.0.2.7", 0, 6), ...scan("192.0.2.8", 10, 20), ...scan("192.0.2.7", 4000, 6)])
    const result = await jsonOf(["--fail2ban", folder, log])
    expect(result).toMatchObject({ jail: { maxretry: 5, increment: { factor: 1 } }, counted: 12, ignored: 20 })
    // The second ban is twice as long; one packet of a host that was banned counts for two.
    expect(result.bans).toMatchObject([
      { at: "2026-11-22T06:00:04Z", until: "2026-11-22T07:00:04Z", packets: 5 },
      { at: "2026-11-22T07:06:42Z", until: "2026-11-22T09:06:42Z", packets: 3 }
    ])
  })

  it("gives up where the filter does not come to an end with a line, and names filter and line", async () => {
    const filter = fileOf(["[Definition]\nfailregex = ^\\s*rule (\\S+\\s*)+: <HOST>;$\n"], "runaway.conf")
    const { status, stdout, stderr } = await simulate(["--filter", filter, fileOf(scan("192.0.2.7", 0, 3))])
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" })
    expect(stderr).toContain(`${filter} takes more than 1.2 s for a line, during which fail2ban bans nobody.`)
    expect(stderr).toContain("The line: 2026-11-22T06:00:00.000000+00:00 rule 1/0(match)")
  })

  it("refuses by name what no log can tell", async () => {
    const log = fileOf(scan("192.0.2.7", 0, 3))
    const refusal = (option: string) =>
      simulate(["--fail2ban", configuration(`[pfasciilogd]\nbantime.increment = true\n${option}\n`), log])
    expect(await refusal("ignorecommand = /bin/true <ip>")).toMatchObject({
      status: 78,
      stderr: expect.stringContaining("ignorecommand")
    })
    expect(await refusal("ignoreip = gate.example.org")).toMatchObject({
      status: 78,
      stderr: expect.stringContaining("gate.example.org")
    })
    expect(await refusal("bantime.overalljails = true")).toMatchObject({
      status: 78,
      stderr: expect.stringContaining("overalljails")
    })
    expect(await refusal("bantime.formula = ban.Time * 3")).toMatchObject({
      status: 78,
      stderr: expect.stringContaining("formula")
    })
    expect(await simulate(["--fail2ban", configuration(""), "--jail", "none", log])).toMatchObject({
      status: 66,
      stderr: expect.stringContaining("none")
    })
  })

  it("feeds the jail recidive with the bans", async () => {
    const folder = configuration(
      "[pfasciilogd]\nmaxretry = 2\nbantime = 10\n[recidive]\nenabled = true\nmaxretry = 3\nbantime = 1h\n"
    )
    const log = fileOf([0, 100, 200, 300, 5000].flatMap((second) => scan("192.0.2.7", second, 4)))
    const { bans, recidive } = await jsonOf(["--fail2ban", folder, log])
    expect(bans.map(({ at }: { readonly at: string }) => at)).toEqual([
      "2026-11-22T06:00:01Z",
      "2026-11-22T06:01:41Z",
      "2026-11-22T06:03:21Z",
      "2026-11-22T07:23:21Z"
    ])
    expect(recidive).toMatchObject([{ at: "2026-11-22T06:03:21Z", until: "2026-11-22T07:03:21Z" }])
  })

  it("reads rotated and compressed logs in the order of time, however they are named, and merges those that overlap", async () => {
    const lines = scan("192.0.2.7", 0, 12)
    const old = fileOf(lines.slice(0, 4), "pf.log.1")
    const packed = [
      ["gzip", ".gz"],
      ["bzip2", ".bz2"],
      ["xz", ".xz"],
      ["zstd", ".zst"]
    ].map(([tool = "", suffix], index) => {
      const file = fileOf(lines.slice(4 + index, 5 + index), "pf.log.0")
      spawnSync(tool, ["-q", file])
      return file + suffix
    })
    const [even, odd] = [0, 1].map((rest) => fileOf(lines.slice(8).filter((_, index) => index % 2 === rest)))
    expect((await jsonOf([odd ?? "", ...packed.reverse(), even ?? "", old])).bans).toMatchObject([
      { at: "2026-11-22T06:00:11Z", packets: 12, delay: 11 }
    ])
  })

  it("lists first the bans that should worry: hosts that pf let through as well", async () => {
    const log = fileOf([
      ...scan("192.0.2.7", 0, 12),
      syn(20, "10.1.2.3", 443, "pass", "."),
      ...scan("10.1.2.3", 30, 12)
    ])
    const { bans } = await jsonOf([log])
    expect(bans).toMatchObject([
      { host: "10.1.2.3", worrying: true, forgeable: false, role: "private address, passed traffic" },
      { host: "192.0.2.7", worrying: false }
    ])
    const text = (await simulate([log])).stdout
    expect(text).toMatch(/^! 10\.1\.2\.3 /m)
    expect(text.indexOf("10.1.2.3")).toBeLessThan(text.indexOf("192.0.2.7"))
  })

  it("tells a host of the never-ban list by its reason", async () => {
    const config = fileOf(['[guard]\nnever = ["192.0.2.0/24"]\n'], "pfasciilogd.toml")
    const { bans } = await jsonOf([
      "--config",
      config,
      fileOf([...scan("203.0.113.9", 0, 12), ...scan("192.0.2.7", 20, 12)])
    ])
    expect(bans).toMatchObject([
      { host: "192.0.2.7", worrying: true, role: expect.stringContaining("configured (guard.never)") },
      { host: "203.0.113.9", worrying: false }
    ])
  })

  it("compares 42 choices in tables that fit 80 columns", async () => {
    const log = fileOf([...scan("192.0.2.7", 0, 100), ...scan("2001:db8::7", 10, 30)])
    expect((await jsonOf(["--grid", log])).grid).toHaveLength(42)
    const { stdout } = await simulate(["--grid", log])
    expect(stdout).toContain("Hosts banned, by maxretry")
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(88)
  })

  it("reads the log of another filter, by fail2ban's filter and the date of its lines", async () => {
    const lines = Array.from(
      { length: 6 },
      (_, index) => `2026-11-22T06:00:0${index}+00:00 gate sshd[7]: Invalid user admin from 192.0.2.7 port 4711\n`
    )
    const filter = path.join(temporaryFolder(), "own.conf")
    fs.writeFileSync(filter, "[Definition]\nfailregex = Invalid user .* from <ADDR> port\\s\n")
    const result = await jsonOf(["--filter", filter, "--maxretry", "5", fileOf(lines)])
    expect(result).toMatchObject({ entries: 0, counted: 6, bans: [{ at: "2026-11-22T06:00:04Z", ports: 0 }] })
  })

  it("says what is wrong with a flag, and that there is nothing to simulate", async () => {
    const log = fileOf(scan("192.0.2.7", 0, 3))
    expect(await simulate(["--maxretry", "0", log])).toMatchObject({
      status: 64,
      stderr: expect.stringContaining("--maxretry")
    })
    expect(await simulate(["--findtime", "soon", log])).toMatchObject({
      status: 64,
      stderr: expect.stringContaining("--findtime")
    })
    expect(await simulate([])).toMatchObject({ status: 64 })
    expect(await simulate([fileOf([])])).toMatchObject({
      status: 66,
      stderr: expect.stringContaining("nothing can be simulated")
    })
    expect(await simulate([fileOf(["hello\n", "world\n"])])).toMatchObject({ status: 66 })
    expect(await simulate(["/nowhere/pf.log"])).toMatchObject({
      status: 66,
      stderr: expect.stringContaining("/nowhere/pf.log")
    })
  })
})
