import { spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"

const bench = (...flags: ReadonlyArray<string>) =>
  spawnSync(process.execPath, ["--import", "tsx", "scripts/bench.ts", ...flags], { encoding: "utf8" })

describe("bench", () => {
  it("gives the figures of a group as JSON, ours beside the yardstick", () => {
    const { status, stderr, stdout } = bench("--quick", "--json", "start", "decode")
    expect(stderr).toContain("bench: start")
    expect(status).toBe(0)
    const { figures } = JSON.parse(stdout) as { figures: ReadonlyArray<Record<string, unknown>> }
    expect(figures.map(({ name }) => name)).toEqual([
      "--version",
      "run until ready",
      "per line of a flood",
      "per byte of hostile packets"
    ])
    for (const figure of figures) expect(figure["ours"]).toBeGreaterThan(0)
  })

  it.each([
    [["nothing"], "nothing: expected one of decode, cost"],
    [["--runs", "0"], "--runs 0: expected a number"],
    [["--program", "/nonexistent"], "/nonexistent: no such file"]
  ])("refuses %j with status 64", (flags, message) => {
    const { status, stderr } = bench(...flags)
    expect(status).toBe(64)
    expect(stderr).toContain(message)
  })
})
