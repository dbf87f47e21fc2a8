import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { zoneNameOf } from "../../src/host/TimeZone.ts"
import { temporaryFolder } from "../support/PerTest.ts"

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
    "No/Such",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "MEZ-1MESZ-2,M3.5.0/2:00:00,M10.5.0/03",
    ":CET-1CEST,M3.5.0,M10.5.0/3",
    "EST5EDT,M3.2.0,M11.1.0",
    "EASTERN5SUMMER",
    "AEST-10AEDT,M10.1.0,M4.1.0/3",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "<+0545>-5:45",
    "IST-5:30"
  ])("is the one that TZ=%s means to the C library", (tz) => {
    const name = zoneNameOf(tz)
    for (const instant of instants) expect(offsetByDate(name ?? "?", instant)).toBe(offsetByDate(tz, instant))
  })

  it("is the host's where TZ names its file", () => {
    expect(zoneNameOf(":/etc/localtime")).toBeUndefined()
  })

  it("is the one whose rules a copy of a zone's file ends with", () => {
    const copy = path.join(temporaryFolder(), "localtime")
    fs.copyFileSync("/usr/share/zoneinfo/Europe/Berlin", copy)
    for (const instant of instants)
      expect(offsetByDate(zoneNameOf(`:${copy}`) ?? "?", instant)).toBe(offsetByDate(`:${copy}`, instant))
  })

  it("has kept its rules for years, so that old packets get the right time too", () => {
    // Famagusta comes first among the zones with these rules, and was an hour further east in the winter of 2017.
    const name = zoneNameOf("EET-2EEST,M3.5.0/3,M10.5.0/4") ?? "?"
    expect(offsetByDate(name, "2017-01-15T12:00:00Z")).toBe("+0200")
  })

  it("is UTC where TZ holds rules that no zone follows", () => {
    for (const rules of ["CET-1CEST,J60,J300", "CET-1CEST,M2.1.0,M11.1.0", "<+0123>-1:23"])
      expect(zoneNameOf(rules)).toBe("UTC")
  })
})
