import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import type { Report } from "../../src/report/model/Report.ts"
import { noticeLine, packetLine, scanLines } from "../support/LogLines.ts"
import { mmdb } from "../support/Mmdb.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { runProgram } from "../support/Program.ts"

const fileOf = (content: string | Buffer, name = "pf.log"): string => {
  const file = path.join(temporaryFolder(), name)
  fs.writeFileSync(file, content)
  return file
}

const jsonOf = async (words: ReadonlyArray<string>): Promise<Report> => {
  const { status, stdout, stderr } = await runProgram(["report", "--json", ...words])
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  return JSON.parse(stdout)
}

const lines = [
  noticeLine(0, "started tcpdump[101] on pflog0"),
  ...scanLines("192.0.2.7", 0, 30),
  ...scanLines("203.0.113.8", 100, 12),
  packetLine(200, { source: "2001:db8::7", port: 22, destination: "2001:db8::1" }),
  "something else\n"
]

describe("pfasciilogd report", () => {
  it("has the same totals on the page, on the terminal and in JSON", async () => {
    const log = fileOf(lines.join(""))
    const html = path.join(path.dirname(log), "report.html")
    const { sensor, bans } = await jsonOf(["--html", html, log])
    const text = (await runProgram(["report", log])).stdout
    const page = fs.readFileSync(html, "utf8")
    const onPage = Object.fromEntries(
      [...page.matchAll(/data-total="(\w+)">([^<]*)</g)].map(([, key, value]) => [key, value])
    )
    expect(onPage).toMatchObject({
      packets: "43",
      blocked: "43",
      probes: "43",
      sources: "3",
      starts: "1",
      unknown: "1"
    })
    expect(sensor).toMatchObject({ packets: 43, blocked: 43, probes: 43, starts: 1, unknownLines: 1, lines: 45 })
    expect(text).toContain("43 packets of 3 sources: 43 blocked, 43 probes.")
    const sentence = "2 bans of 2 hosts would keep out 18 packets."
    expect(bans).toMatchObject({ total: 2, hosts: 2, prevented: 18 })
    expect(text).toContain(sentence)
    expect(page).toContain(sentence)
  })

  it("names country and AS by databases of either shape", async () => {
    const log = fileOf(lines.join(""))
    const maxmind = {
      country: fileOf(
        mmdb({ "192.0.2.0/24": { country: { iso_code: "DE" } }, "2001:db8::/32": { country: { iso_code: "FR" } } })
      ),
      as: fileOf(
        mmdb({ "192.0.2.0/24": { autonomous_system_number: 64_500, autonomous_system_organization: "Example Net" } })
      )
    }
    const ipinfo = {
      country: fileOf(mmdb({ "192.0.2.0/24": { country_code: "DE" }, "2001:db8::/32": { country_code: "FR" } })),
      as: fileOf(mmdb({ "192.0.2.0/24": { asn: "AS64500", as_name: "Example Net" } }))
    }
    for (const { country, as } of [maxmind, ipinfo]) {
      const { sources } = await jsonOf(["--country", country, "--asn", as, log])
      expect(sources.rows.map((row) => [row.address, row.country, row.as])).toEqual([
        ["192.0.2.7", "DE", "AS64500 Example Net"],
        ["203.0.113.8", "-", "-"],
        ["2001:db8::7", "FR", "-"]
      ])
      expect(sources.countries?.rows).toEqual([
        { name: "DE", packets: 30 },
        { name: "(unknown)", packets: 12 },
        { name: "FR", packets: 1 }
      ])
    }
  })

  it("tells beside the replay whom fail2ban banned, by its log", async () => {
    const banLog = fileOf(
      [
        "2026-11-22 06:00:11,507 fail2ban.actions        [812]: NOTICE  [pfasciilogd] Ban 192.0.2.7",
        "2026-11-22 06:00:11,507 fail2ban.actions        [812]: NOTICE  [sshd] Ban 192.0.2.8",
        "2026-11-22 06:00:12,507 fail2ban.actions        [812]: NOTICE  [pfasciilogd] Restore Ban 192.0.2.9",
        "2026-11-22 07:00:11,507 fail2ban.actions        [812]: NOTICE  [pfasciilogd] Unban 192.0.2.7"
      ].join("\n"),
      "fail2ban.log"
    )
    const { bans, sources } = await jsonOf(["--fail2ban-log", banLog, fileOf(lines.join(""))])
    expect(bans.real).toMatchObject({ file: banLog, total: 1, hosts: { rows: [{ host: "192.0.2.7", packets: 1 }] } })
    expect(sources.rows.map(({ realBans }) => realBans)).toEqual([1, 0, 0])
  })

  it("reads logs that overlap in the order of time, as simulate does", async () => {
    const scan = scanLines("192.0.2.7", 0, 30)
    const even = fileOf(scan.filter((_, index) => index % 2 === 0).join(""))
    const odd = fileOf(scan.filter((_, index) => index % 2 === 1).join(""))
    const { bans } = await jsonOf([odd, even])
    const simulated = JSON.parse((await runProgram(["simulate", "--json", odd, even])).stdout)
    expect(bans.rows.map(({ at }) => new Date(at * 1000).toISOString().replace(".000Z", "Z"))).toEqual(
      simulated.bans.map(({ at }: { readonly at: string }) => at)
    )
    expect(bans.rows).toMatchObject([{ packets: 12, prevented: 18 }])
  })

  it("replays a jail of one's own with its filter, as simulate does", async () => {
    const folder = temporaryFolder()
    fs.cpSync("/etc/fail2ban", folder, { recursive: true })
    fs.cpSync("fail2ban", folder, { recursive: true })
    const local =
      "[pfasciilogd]\nenabled = true\nbackend = polling\nmode = aggressive\nmaxretry = 3\nignoreip = 203.0.113.8\n"
    fs.writeFileSync(path.join(folder, "jail.d/pfasciilogd.local"), local)
    const late = [0, 1, 2].map((second) => packetLine(second, { source: "198.18.0.1", port: 443, flags: "R" }))
    const words = ["--fail2ban", folder, "--jail", "pfasciilogd", fileOf([...late, ...lines].join(""))]
    const { bans } = await jsonOf(words)
    const simulated = JSON.parse((await runProgram(["simulate", "--json", ...words])).stdout)
    expect(bans.rows.map(({ host, packets, prevented }) => [host, packets, prevented])).toEqual([
      ["198.18.0.1", 3, 0],
      ["192.0.2.7", 3, 27]
    ])
    expect(bans.rows.map(({ host }) => host)).toEqual(simulated.bans.map(({ host }: { readonly host: string }) => host))
    expect(bans.counted).toBe(simulated.counted)
  })

  it("never replaces a file that is no page of ours", async () => {
    const log = fileOf(lines.join(""))
    const { status, stderr } = await runProgram(["report", "--html", log, log])
    expect({ status, stderr }).toEqual({ status: 73, stderr: expect.stringContaining("it holds something else") })
    expect(fs.readFileSync(log, "utf8")).toBe(lines.join(""))
  })

  it.each([
    [["--since", "yesterday"], 64, "a time such as 2026-11-22"],
    [["--since", "2026-11-23", "--until", "2026-11-22"], 64, "is not before"],
    [["--until", "2020-01-01"], 66, "outside of the period"],
    [["--country", "/dev/null"], 66, "no regular file"],
    [["--asn", "package.json"], 66, "no MMDB file"],
    [["--fail2ban-log", "/nonexistent/fail2ban.log"], 66, "/nonexistent/fail2ban.log"]
  ])("refuses %j with status %d", async (words, expected, message) => {
    const { status, stdout, stderr } = await runProgram(["report", ...words, fileOf(lines.join(""))])
    expect({ status, stdout }).toEqual({ status: expected, stdout: "" })
    expect(stderr).toContain(message)
  })
})
