import { spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { parseDuration } from "../../../src/fail2ban/replay/Duration.ts"

const times = [
  ["600", "10m", "1h", "1d 12h", "1w", "5w", "1mo", "1y", "1d12h30m", "1hour+30min", "1year-6mo", "0d 1h 30m"],
  ["-1", "6 months", "2 * 1h", "90s", "1.5h", " 10m ", "1day", "3 wee", "2 yea", "5 sec"]
].flat()

describe("a time of fail2ban", () => {
  it("is as many seconds as fail2ban makes of it", () => {
    const script =
      "import sys, json; from fail2ban.server.mytime import MyTime\nprint(json.dumps([float(MyTime.str2seconds(t)) for t in json.load(sys.stdin)]))"
    const { stdout } = spawnSync("/usr/bin/python3", ["-c", script], { input: JSON.stringify(times), encoding: "utf8" })
    expect(times.map(parseDuration)).toEqual(JSON.parse(stdout))
  })

  it("is nothing where the text is no time", () => {
    expect(["", "soon", "5 parsecs", "__import__('os')", "1/0", "10m;"].map(parseDuration)).toEqual(
      Array(6).fill(undefined)
    )
  })
})
