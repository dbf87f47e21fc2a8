import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { finished } from "../support/Packages.ts"
import { onHost } from "../support/StandInHost.ts"

const acceptance = path.resolve("scripts/acceptance")

const reports = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-acceptance-"))
afterAll(() => fs.rmSync(reports, { recursive: true, force: true }))

const checks = [
  "another host, and pf before it",
  "before the start",
  "the service starts",
  "the first packet is in the log",
  "TCP, blocked",
  "UDP, blocked",
  "ICMP, blocked",
  "TCP over IPv6, blocked",
  "ICMPv6, blocked",
  "UDP, passed",
  "UDP, blocked on its way out",
  "a payload that looks like a line",
  "newsyslog, with 800 packets coming",
  "nothing is lost over it",
  "tcpdump is killed",
  "the program is killed",
  "ignoreip --write",
  "fail2ban starts with the jail",
  "the scanner is banned",
  "and nobody else",
  "who is not banned connects",
  "who is banned does not",
  "and is not logged any more",
  "validate",
  "the service stops",
  "nothing is left of it",
  "everything undone"
]

const rowsOf = (table: string): ReadonlyArray<readonly [string, string]> =>
  table
    .split("\n")
    .filter((line) => /^(good|failed|skipped) /.test(line))
    .map((line) => [line.slice(0, 9).trim(), line.slice(9, 43).trim()] as const)

describe("scripts/acceptance", () => {
  it.concurrent.each([
    ["FreeBSD", "13.5-RELEASE"],
    ["OpenBSD", "7.8"]
  ])(
    "goes the whole way on a %s of stand-ins, all good, and undoes it",
    async (system, release) => {
      const report = path.join(reports, system)
      const { status, stdout } = await onHost(system, release, `'${acceptance}' --report '${report}'`)
      expect(rowsOf(stdout)).toEqual(checks.map((check) => ["good", check]))
      expect(status).toBe(0)
      const text = fs.readFileSync(report, "utf8")
      for (const part of [release, "pfasciilogd 1.0.0", "+ pfctl -f", "no difference", "rule 1/0(match)"]) {
        expect(text).toContain(part)
      }
    },
    300_000
  )

  it.concurrent("tells what does not work, undoes all the same, and exits with 1", async () => {
    const report = path.join(reports, "broken")
    // A pf that drops nobody, and a newsyslog that signals nobody and empties the old log at once.
    const spoil = `sed -i '/pf.table. .. return 1/d' /usr/local/world/net.sh
sed -i -e '/^kill/d' -e 's/^bzip2.*/: >"$log.0"/' /usr/local/bin/newsyslog`
    const command = `${spoil}\n'${acceptance}' --report '${report}'`
    const { status, stdout } = await onHost("FreeBSD", "14.3-RELEASE", command)
    const failed = rowsOf(stdout).filter(([verdict]) => verdict === "failed")
    expect(failed.map(([, check]) => check)).toEqual([
      "nothing is lost over it",
      "who is banned does not",
      "and is not logged any more"
    ])
    expect(rowsOf(stdout).at(-1)).toEqual(["good", "everything undone"])
    expect(status).toBe(1)
  }, 300_000)

  it("refuses other systems, and a host whose pf is enabled, before it touches anything", async () => {
    expect(await finished(acceptance, [])).toMatchObject({
      status: 69,
      stderr: expect.stringContaining("FreeBSD 13 to 15")
    })
    expect(await finished(acceptance, ["--remove"])).toMatchObject({ status: 64 })
    const old = await onHost("FreeBSD", "12.4-RELEASE", `'${acceptance}'`)
    expect(old).toMatchObject({ status: 69, stderr: expect.stringContaining("12.4-RELEASE") })
    const busy = await onHost("FreeBSD", "14.3-RELEASE", `pfctl -e; '${acceptance}'; echo $?; ifconfig -l`)
    expect(busy).toMatchObject({ stdout: "69\nlo0\n", stderr: expect.stringContaining("--force") })
  })
})
