import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { fakeTcpdump, textOf } from "../support/Daemon.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

const samplePcap = path.resolve("test/support/captures/sample.pcap")
const standIn = path.resolve("test/fixtures/openbsd/tcpdump")

describe("run with OpenBSD's tcpdump", () => {
  it("captures at once, without the options that it does not take", async () => {
    const folder = temporaryFolder()
    const capturing = path.join(folder, "capturing")
    fs.writeFileSync(capturing, `#!/bin/sh\ncat '${samplePcap}'\nexec sleep 1000\n`, { mode: 0o755 })
    const tcpdump = fakeTcpdump(folder, `exec env TCPDUMP='${capturing}' '${standIn}' "$@"`)
    const daemon = startDaemon(folder, [
      "--tcpdump",
      tcpdump,
      "--decoder",
      "packet",
      "--restart-initial-delay",
      "30 seconds"
    ])
    await until("the sample is logged", () => / rule /.test(textOf(daemon.log)))
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
    const log = textOf(daemon.log)
    expect(log).toMatch(/this tcpdump does not take .*-U/)
    expect(log).toContain("0 restarts of tcpdump")
    expect(log).not.toContain("Usage")
  })
})
