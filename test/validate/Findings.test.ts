import { describe, expect, it } from "vitest"
import { freeBytes } from "../../src/validate/FileChecks.ts"
import { failed } from "../../src/validate/Finding.ts"
import { findingsJson, findingsTable } from "../../src/validate/FindingsTable.ts"
import { PreparedHost } from "../support/PreparedHost.ts"

describe("findings as they are printed", () => {
  const hostile = failed("jail", "a\u001b]0;x\u0007b\u009bc\nd\u202ee", "f\rg\u2066")

  it("can't steer the terminal, end a line or turn the direction of text", () => {
    const table = findingsTable([hostile], false)
    expect(table).toContain("a\\x1b]0;x\\x07b\\x9bc\\x0ad\\u202ee")
    expect(table).toContain("remedy: f\\x0dg\\u2066")
    expect(table.split("\n")).toHaveLength(3)
  })

  it("can't do so as JSON either", () => {
    const json = findingsJson([hostile], 1)
    expect(json).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]/)
    expect(JSON.parse(json).checks[0].detail).toBe("a\\x1b]0;x\\x07b\\x9bc\\x0ad\\u202ee")
  })

  it("keep letters of every language", () => {
    expect(findingsTable([failed("log", "/var/log/größe/журнал", "ü")], false)).toContain("/var/log/größe/журнал")
  })
})

describe("the room for the log", () => {
  it("is what statfs tells, and none within UFS' reserve, where the count is negative", () => {
    expect(freeBytes(25_600n, 4096n)).toBe(100 * 1024 * 1024)
    expect(freeBytes(0n, 4096n)).toBe(0)
    expect(freeBytes(-3n, 4096n)).toBe(0)
    expect(freeBytes(2n ** 64n - 3n, 4096n)).toBe(0)
  })
})

describe("the check of pf without its device", () => {
  it.each(["No such file or directory", "Device not configured"])("fails: pf is not loaded (%s)", async (reason) => {
    const host = new PreparedHost()
    host.complain("pfctl", `pfctl: /dev/pf: ${reason}`)
    expect(await host.complaints()).toEqual([
      `failed pf: pf is not loaded (/dev/pf: ${reason}): nothing is blocked or logged`
    ])
  })

  it("tells other words of pfctl as they are", async () => {
    const host = new PreparedHost()
    host.complain("pfctl", "pfctl: DIOCGETSTATUS: Inappropriate ioctl for device")
    expect(await host.complaints()).toEqual(["skipped pf: pfctl fails: DIOCGETSTATUS: Inappropriate ioctl for device"])
  })
})
