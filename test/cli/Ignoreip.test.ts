import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { temporaryFolder } from "../support/PerTest.ts"
import { runProgram } from "../support/Program.ts"

interface Row {
  readonly address: string
  readonly reasons: ReadonlyArray<{ readonly role: string; readonly sources: ReadonlyArray<string> }>
}

const ignoreip = (words: ReadonlyArray<string>, environment: Readonly<Record<string, string>> = {}) =>
  runProgram(["ignoreip", ...words], environment)

const configured = { PFASCIILOGD_GUARD_NEVER: "192.0.2.0/24, 2001:db8:5::/48" }

describe("pfasciilogd ignoreip", () => {
  it("shows each address of this host once, with its reason, as a table and as JSON", async () => {
    const environment = { ...configured, SSH_CONNECTION: "203.0.113.7 51234 198.51.100.10 22" }
    const { status, stdout, stderr } = await ignoreip(["--json"], environment)
    expect([status, stderr]).toEqual([0, ""])
    // The test reads what it checks below.
    const rows = (JSON.parse(stdout) as { readonly never: ReadonlyArray<Row> }).never
    const addresses = rows.map(({ address }) => address)
    expect(new Set(addresses).size).toBe(addresses.length)
    expect(rows).toContainEqual({
      address: "203.0.113.7",
      reasons: [{ role: "SSH session", sources: ["SSH_CONNECTION"] }]
    })
    expect(rows).toContainEqual({
      address: "2001:db8:5::/48",
      reasons: [{ role: "configured", sources: ["guard.never"] }]
    })
    for (const { address } of Object.values(os.networkInterfaces()).flatMap((each) => each ?? [])) {
      expect(rows.find((row) => row.address === address)?.reasons.map(({ role }) => role)).toContain("own address")
    }
    const table = (await ignoreip([], environment)).stdout
    expect(table).toMatch(/^203\.0\.113\.7 +SSH session \(SSH_CONNECTION\)$/m)
    expect(table.split("\n").slice(1, -1)).toHaveLength(rows.length)
  })

  it("looks an address up: 0 and the reason where it is on the list, 1 where not, 64 where it is none", async () => {
    expect(await ignoreip(["--check", "192.0.2.77"], configured)).toEqual({
      status: 0,
      stdout: "192.0.2.77 is on the list in 192.0.2.0/24: configured (guard.never)\n",
      stderr: ""
    })
    expect((await ignoreip(["--check", "127.0.0.1"])).stdout).toMatch(/^127\.0\.0\.1 is on the list: own address/)
    expect(await ignoreip(["--check", "203.0.113.99"], configured)).toEqual({
      status: 1,
      stdout: "203.0.113.99 is not on the list: it may be banned.\n",
      stderr: ""
    })
    const { status, stdout } = await ignoreip(["--check", "2001:0DB8:5::1", "--json"], configured)
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      address: "2001:db8:5::1",
      listed: true,
      by: [{ address: "2001:db8:5::/48" }]
    })
    for (const address of ["192.0.2", "192.0.2.0/24", "localhost", "010.0.0.1", "1", "192.0.2.1 "]) {
      const outcome = await ignoreip(["--check", address])
      expect([outcome.status, outcome.stdout], address).toEqual([64, ""])
      expect(outcome.stderr).toContain("an IPv4 or IPv6 address is accepted")
    }
  })

  it("writes the list for fail2ban, only where it has changed, and never over a file that was edited", async () => {
    const file = path.join(temporaryFolder(), "never.local")
    const first = await ignoreip(["--write", file], configured)
    expect([first.status, first.stderr]).toEqual([0, ""])
    expect(first.stdout).toMatch(/^Wrote \d+ hosts and networks, for the jail pfasciilogd, in /)
    const text = fs.readFileSync(file, "utf8")
    expect(text).toMatch(/^\[pfasciilogd\]\nignoreip = %\(known\/ignoreip\)s\n( {2}[\da-f.:/]+ ; [A-Za-z ,]+\n)+$/m)
    const { ino } = fs.statSync(file)
    expect((await ignoreip(["--write", file], configured)).stdout).toMatch(/^Unchanged: /)
    expect(fs.statSync(file).ino).toBe(ino)
    fs.writeFileSync(file, text.replace("192.0.2.0/24", "192.0.2.0/25"))
    const edited = await ignoreip(["--write", file], configured)
    expect([edited.status, edited.stdout]).toEqual([73, ""])
    expect(edited.stderr).toContain(`${file} was edited`)
    expect((await ignoreip(["--write", path.join(path.dirname(file), "no/such/folder")])).status).toBe(73)
  })

  it("refuses what doesn't go together, and a network that is too wide", async () => {
    expect((await ignoreip(["--write", "--check", "192.0.2.1"])).status).toBe(64)
    expect((await ignoreip(["/tmp/file"])).status).toBe(64)
    const { status, stderr } = await ignoreip(["--guard-never", "0.0.0.0/0"])
    expect(status).toBe(78)
    expect(stderr).toContain('--guard-never: "0.0.0.0/0" is not accepted; accepted: addresses and networks')
  })
})
