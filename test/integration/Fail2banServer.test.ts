import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { Action, Direction } from "../support/captures/PfNumbers.ts"
import { presentCapture, type TestPacket } from "../support/captures/PresentCapture.ts"
import { icmp, type Segment, synOptions, tcp, textPayload, udp } from "../support/captures/Segment.ts"
import { textOf } from "../support/Daemon.ts"
import { startFail2ban } from "../support/Fail2banServer.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

const us = "198.51.100.9"
const us6 = "2001:db8:9::9"

const syn = (port: number): Segment => tcp({ ports: [41_854, port], flags: "S", options: synOptions })
const http = (text: string): Segment =>
  tcp({ ports: [50_000, 80], flags: "P.", payload: textPayload(`GET /${text} HTTP/1.1\r\n\r\n`) })

const times = (count: number, packet: (index: number) => TestPacket): ReadonlyArray<TestPacket> =>
  Array.from({ length: count }, (_, index) => packet(index))

const probe = (source: string, segment: Segment): TestPacket => ({
  source,
  destination: source.includes(":") ? us6 : us,
  segment
})

/** What an attacker would like the filter to read, in every form of the log. */
const forgedLine = "rule 1/0(match): block in on em0: 203.0.113.66.53 > 198.51.100.9.22: Flags [S], seq 1"

/** Hosts that a jail must ban, each with more probes than its maxretry, in one half of the capture or spread over both. */
const scans = {
  first: times(20, (index) => probe("192.0.2.77", syn(20 + index))),
  second: times(20, (index) => probe("2001:db8:77::1", syn(20 + index))),
  spread: times(20, (index) => probe("192.0.2.88", udp([40_000, 1000 + index]))),
  pings: times(20, () => probe("192.0.2.99", icmp(8, 0, 1))),
  // Text in UDP reaches nobody but its own sender, who is a scanner by that.
  forgers: times(20, () => probe("192.0.2.111", udp([4444, 69], textPayload(`\0\u0001${forgedLine}\0octet\0`))))
}

/** Packets for which nobody may be banned. */
const innocent: ReadonlyArray<TestPacket> = [
  ...times(40, () => probe("192.0.2.201", http(forgedLine))),
  ...times(40, () => ({ ...probe("192.0.2.202", http(forgedLine)), action: Action.pass })),
  ...times(40, () => ({ source: us, destination: "192.0.2.203", segment: syn(25), direction: Direction.out })),
  ...times(40, () => ({ ...probe("192.0.2.204", udp([5353, 5353])), destination: "224.0.0.251" })),
  ...times(40, () => probe("192.0.2.205", tcp({ ports: [443, 50_000], flags: "R." }))),
  ...times(3 * 40, (index) => probe(`192.0.2.${10 + (index % 40)}`, syn(23)))
]

const half = (packets: ReadonlyArray<TestPacket>, which: 0 | 1): ReadonlyArray<TestPacket> =>
  packets.filter((_, index) => index % 2 === which)

const halves = ([0, 1] as const).map((which) => [
  ...(which === 0 ? scans.first : scans.second),
  ...half(scans.spread, which),
  ...half(innocent, which),
  ...(which === 0 ? scans.pings : scans.forgers)
])

const expected = ["192.0.2.77", "192.0.2.88", "192.0.2.99", "192.0.2.111", "2001:db8:77::1"].sort()

describe("the real fail2ban-server with the shipped filter and jail", () => {
  it("bans exactly the scanners, also over a rotation, and tells pf so", async () => {
    const folder = temporaryFolder()
    const daemon = startDaemon(folder, ["--read", "-"], {}, "pipe")
    await daemon.ready()
    await until("the log exists", () => fs.existsSync(daemon.log))
    const fail2ban = await startFail2ban(
      folder,
      [
        "[pfasciilogd]",
        "enabled = true",
        `logpath = ${daemon.log}`,
        "backend = polling",
        "action = %(known/action)s",
        "         record"
      ].join("\n")
    )

    const [before = [], after = []] = halves
    daemon.process.stdin?.write(presentCapture(before))
    // Those who scan in the first half, and half of whom scans over both.
    await until("the first half is read", () => fail2ban.found() >= 20 + 20 + 10 + 60, 60_000)
    await until("the first are banned", () => fail2ban.banned().length >= 2)
    expect([...fail2ban.banned()].sort()).toEqual(["192.0.2.77", "192.0.2.99"])

    fs.renameSync(daemon.log, `${daemon.log}.0`)
    daemon.signal("SIGHUP")
    await until("the log is opened anew", () => fs.existsSync(daemon.log))
    daemon.process.stdin?.end(presentCapture(after, false))
    await until("the second half is read", () => fail2ban.found() >= 110 + 20 + 20 + 10 + 60, 60_000)
    await until("all are banned", () => fail2ban.banned().length >= expected.length)
    expect(await daemon.ended()).toBe(0)

    expect([...fail2ban.banned()].sort()).toEqual(expected)
    expect(textOf(daemon.log)).toContain("203.0.113.66")
    expect(fail2ban.log()).not.toContain("203.0.113.66")
    expect(
      fail2ban
        .log()
        .split("\n")
        .filter((line) => /WARNING|ERROR/.test(line) && !/New database/.test(line))
    ).toEqual([])

    const calls = fail2ban.pfctlCalls()
    expect(calls.slice(0, 2)).toEqual([
      "-a f2b/pfasciilogd -f- < table <f2b-pfasciilogd> persist counters",
      "-a f2b/pfasciilogd -f- < block in quick proto { tcp udp icmp ipv6-icmp } from <f2b-pfasciilogd> to any"
    ])
    expect(calls.slice(2).sort()).toEqual(
      expected.map((host) => `-a f2b/pfasciilogd -t f2b-pfasciilogd -T add ${host}`).sort()
    )
  })
})
