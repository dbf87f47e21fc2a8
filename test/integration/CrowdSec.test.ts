import * as fs from "node:fs"
import * as path from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { setUpCrowdSec, startCentralApi } from "../support/CrowdSec.ts"
import { captureOf } from "../support/captures/CaptureInMemory.ts"
import { ip } from "../support/captures/IpPacket.ts"
import type { LoggedPacket } from "../support/captures/PcapWriter.ts"
import { freebsdHeader } from "../support/captures/PflogHeader.ts"
import { synOptions, tcp } from "../support/captures/Segment.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

beforeAll(setUpCrowdSec)

const scanner = "2001:db8:bad::77"
const visitor = "2001:db8:5::80"
/** CrowdSec's scenario bans who tries more than 15 ports, faster than one in five seconds. */
const portsOfScan = 20

/** What pf on the second host logs: a scan, a visitor that a rule lets pass, and our own packets that it doesn't let out. */
const secondHost = function* (): Generator<LoggedPacket> {
  for (let port = 1; port <= portsOfScan; port++) {
    const time = Date.UTC(2026, 10, 22, 6, 0, port) * 1000
    const pf = {
      rule: 4,
      ruleset: undefined,
      subrule: undefined,
      reason: 0,
      action: 1,
      direction: 1,
      interface: "em0",
      uid: undefined,
      pid: undefined,
      ridentifier: undefined
    }
    const to = (source: string) => ({
      source,
      destination: "2001:db8:20::10",
      segment: tcp({ ports: [40_000 + port, port], flags: "S", sequence: port, options: synOptions })
    })
    yield { time, header: freebsdHeader, pf, packet: ip(to(scanner)) }
    yield { time, header: freebsdHeader, pf: { ...pf, action: 0 }, packet: ip(to(visitor)) }
  }
}

/** Lets pfasciilogd write what a saved capture holds to a host's log, as it would write what its pf logs. */
const logOf = async (folder: string, host: string, capture: string, ...options: ReadonlyArray<string>) => {
  const log = path.join(folder, `${host}.log`)
  const files = ["--log-file", log, "--pid-file", path.join(folder, `${host}.pid`)]
  const daemon = startDaemon(folder, [
    ...["--read", capture, "--decoder", "packet", "--format", "filterlog"],
    ...files,
    ...options
  ])
  expect(await daemon.ended()).toBe(0)
}

describe("the real CrowdSec, following the format filterlog", () => {
  it("bans the scanners and nobody else, and each host's bouncer pulls what either has seen", async () => {
    const folder = temporaryFolder()
    const api = await startCentralApi(folder)
    for (const host of ["first", "second"]) {
      const log = path.join(folder, `${host}.log`)
      fs.writeFileSync(log, "")
      await api.startAgent(host, log)
    }
    const [firstKey, secondKey] = [api.bouncerKey("first-bouncer"), api.bouncerKey("second-bouncer")]
    expect(await api.decisions(secondKey)).toEqual([])

    // The sample has one host that tries 27 ports, among others that are no reason for a ban here.
    await logOf(folder, "first", "test/support/captures/sample.pcap")
    const bannedBy = async (key: string) => (await api.decisions(key)).map(({ value }) => value)
    await until("the scan on the first host is a ban for the second", async () =>
      (await bannedBy(secondKey)).includes("203.0.113.9")
    )

    const capture = path.join(folder, "second.pcap")
    fs.writeFileSync(capture, captureOf(secondHost()).bytes)
    await logOf(folder, "second", capture, "--syslog", "rfc5424")
    await until("the scan on the second host is a ban for the first", async () =>
      (await bannedBy(firstKey)).includes(scanner)
    )

    const decisions = await api.decisions(firstKey)
    expect(decisions.map(({ value }) => value).sort()).toEqual(["2001:db8:bad::77", "203.0.113.9"])
    for (const { type, scope, scenario } of decisions) {
      expect({ type, scope, scenario }).toEqual({
        type: "ban",
        scope: "Ip",
        scenario: "firewallservices/pf-scan-multi_ports"
      })
    }
  })
})
