import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { zoneNameOf } from "../../src/host/TimeZone.ts"

const instants = ["2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"]

const offsetByDate = (tz: string, instant: string): string =>
  execFileSync("date", ["-d", instant, "+%z"], { encoding: "utf8", env: { PATH: process.env["PATH"], TZ: tz } }).trim()

describe("the time zone", () => {
  it.each([
    "Europe/Berlin",
    ":Europe/Berlin",
    "/usr/share/zoneinfo/Europe/Berlin",
    ":/usr/share/zoneinfo/America/New_York",
    "UTC-3",
    "<+03>-3",
    "<-05>5",
    "EST5EDT",
    "EST5",
    "UTC0",
    "",
    "No/Such"
  ])("is the one that TZ=%s means to the C library", (tz) => {
    const name = zoneNameOf(tz)
    for (const instant of instants) expect(offsetByDate(name ?? "?", instant)).toBe(offsetByDate(tz, instant))
  })

  it("is the host's where TZ names its file", () => {
    expect(zoneNameOf(":/etc/localtime")).toBeUndefined()
  })

  it("is UTC where TZ holds rules of its own, which Node does not have", () => {
    expect(zoneNameOf("CET-1CEST,M3.5.0,M10.5.0/3")).toBe("UTC")
  })
})
