import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { onHost } from "../support/StandInHost.ts"

describe("an upgrade over a running older version", () => {
  it("keeps configuration, log and bans, and restarts cleanly", async () => {
    const outcome = await onHost("FreeBSD", "14.3-RELEASE", path.resolve("test/fixtures/acceptance/upgrade"))
    expect(outcome.stdout.trimEnd().split("\n")).toEqual([
      "older version: 0.9.0",
      "during the upgrade: the older one goes on",
      "this version: 1.0.0",
      "the older process: has ended",
      "log: goes on behind what was there",
      "edited configuration: stays",
      "jail.local: stays",
      "filter: is this version's",
      "ban: stays",
      "fail2ban: knows it",
      "stop: leaves nothing"
    ])
    expect(outcome.status).toBe(0)
  }, 300_000)
})
