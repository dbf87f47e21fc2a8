import * as Either from "effect/Either"
import { describe, expect, it } from "vitest"
import { shippedJail } from "../../src/fail2ban/replay/ShippedJail.ts"
import { parseNetwork } from "../../src/host/neverban/Network.ts"
import { makeNeverBanList } from "../../src/host/neverban/NeverBanList.ts"
import { page } from "../../src/report/html/Page.ts"
import { parsePeriod } from "../../src/report/model/PeriodText.ts"
import type { Report } from "../../src/report/model/Report.ts"
import { ReportMaker } from "../../src/report/model/ReportMaker.ts"
import { parseRuleTexts } from "../../src/report/model/RuleTexts.ts"
import { terminalStyle } from "../../src/report/terminal/Drawing.ts"
import { terminalText } from "../../src/report/terminal/Terminal.ts"
import { logStart, noticeLine, packetLine, scanLines } from "../support/LogLines.ts"

const now = new Date((logStart + 86_400 * 30) * 1000)

interface Asked {
  readonly since?: number
  readonly until?: number
  readonly never?: ReadonlyArray<string>
  readonly rules?: string
}

const reportOf = (lines: Iterable<string>, { since, until, never = [], rules }: Asked = {}): Report => {
  const claims = never.flatMap((text) => {
    const network = parseNetwork(text)
    return network === undefined ? [] : [{ network, role: "configured" as const, source: "test" }]
  })
  const maker = new ReportMaker({
    jail: Either.getOrThrow(shippedJail()),
    countsProbes: true,
    since,
    until,
    now,
    seed: 1,
    neverBan: makeNeverBanList(claims)
  })
  maker.begin(Number.POSITIVE_INFINITY)
  for (const line of lines) maker.line(line.trimEnd())
  return maker.finish({
    geo: { country: undefined, as: undefined },
    services: new Map([["tcp/22", "ssh"]]),
    rules: rules === undefined ? undefined : parseRuleTexts(rules),
    banLogFile: undefined,
    partial: []
  })
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, value) => total + value, 0)

/** Blocked packets as each part of the report adds them up. */
const totals = ({ sensor, timeline, week, sources, ports, rules }: Report) => ({
  sensor: sensor.blocked,
  timeline: sum(timeline.steps.map(({ blocked }) => blocked)) + sensor.undated,
  week: sum(week.flat()) + sensor.undated,
  sources: sum(sources.rows.map(({ packets }) => packets)) + sources.others.packets + sources.elsewhere,
  ports: sum(ports.rows.map(({ packets }) => packets)) + ports.others.packets + sources.elsewhere,
  rules: sum(rules.rows.map(({ packets }) => packets)) + rules.others.packets
})

function* forged(count: number): Generator<string> {
  for (let index = 0; index < count; index++) {
    const source = `${11 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.1`
    yield packetLine(index, { source, port: index % 60_000, head: `${index % 5000}/0(match)` })
    if (index % 50 === 0) yield packetLine(index, { source: "203.0.113.5", port: 22 })
  }
}

describe("ReportMaker", () => {
  it("adds up to the same number of packets everywhere, with more sources, ports and rules than its tables hold", () => {
    const report = reportOf(forged(60_000))
    expect(new Set(Object.values(totals(report)))).toEqual(new Set([61_200]))
    expect(report.sensor.sources).toEqual({ count: 60_001, exact: true })
    expect(report.sources.others.count).toBe(60_001 - report.sources.rows.length)
    expect(report.sources.rows[0]).toMatchObject({ address: "203.0.113.5", packets: 1200, mayMiss: 0 })
    expect(Buffer.byteLength(page(report, "1.0.0"))).toBeLessThan(300_000)
  })

  it("tells what speaks against trusting the log: starts, restarts, drops, lines of others, silences", () => {
    const lines = [
      noticeLine(0, "started tcpdump[101] on pflog0"),
      ...Array.from({ length: 60 }, (_, index) => packetLine(index * 10, { source: "192.0.2.1", port: 22 })),
      noticeLine(600, "started tcpdump[102] on pflog0"),
      noticeLine(600, "the kernel has dropped 17 packets before tcpdump could read them: they are in no log."),
      noticeLine(600, "listening on pflog0, link-type PFLOG", "tcpdump[102]"),
      noticeLine(600, "truncated-ip - 20 bytes missing!", "tcpdump[102]"),
      "Nov 22 06:10:00 gate sshd[1]: hello\n",
      ...Array.from({ length: 60 }, (_, index) => packetLine(9000 + index * 10, { source: "192.0.2.1", port: 22 })),
      noticeLine(9600, "started tcpdump[202] on pflog0", "pfasciilogd[200]")
    ]
    const { sensor } = reportOf(lines)
    expect(sensor).toMatchObject({ starts: 2, restarts: 1, dropped: 17, otherLines: 1, unknownLines: 1 })
    expect(sensor.silences).toMatchObject({
      count: 1,
      usual: 10,
      rows: [{ from: logStart + 590, to: logStart + 9000 }]
    })
  })

  it("leaves out what is not of the period, and says how much", () => {
    const report = reportOf(scanLines("192.0.2.7", 0, 30), { since: logStart + 10, until: logStart + 20 })
    expect(report.sensor).toMatchObject({ packets: 10, outside: 20 })
    expect(report.period).toMatchObject({ first: logStart + 10, last: logStart + 19 })
    expect(report.bans.total).toBe(0)
  })

  it("bans as simulate does, and marks who must never be banned or was let through", () => {
    const report = reportOf(
      [
        ...scanLines("192.0.2.7", 0, 30),
        ...scanLines("192.0.2.8", 0, 11),
        packetLine(50, { source: "192.0.2.9", port: 443, action: "pass" }),
        ...scanLines("192.0.2.9", 60, 12)
      ],
      { never: ["192.0.2.0/29"] }
    )
    expect(report.bans).toMatchObject({ total: 2, hosts: 2, prevented: 18, notReplayed: 0 })
    expect(report.bans.rows.map(({ host, roles }) => [host, roles])).toEqual([
      ["192.0.2.7", "configured (test)"],
      ["192.0.2.9", "passed traffic"]
    ])
    expect(report.neverBan.rows).toEqual([
      { address: "192.0.2.7", why: "configured (test)", packets: 30, blocked: 30, bans: 1 }
    ])
    expect(report.sources.rows[0]).toMatchObject({ address: "192.0.2.7", network: "192.0.2.0/24", bans: 1 })
  })

  it("sees scans of many ports, of many destinations, slow ones, shared ones, and backscatter", () => {
    const lines = [
      ...scanLines("192.0.2.7", 0, 30),
      ...Array.from({ length: 20 }, (_, index) =>
        packetLine(index, { source: "203.0.113.8", port: 22, destination: `198.51.100.${index + 1}` })
      ),
      ...Array.from({ length: 12 }, (_, index) => packetLine(index * 3600, { source: "198.18.0.9", port: 23 })),
      ...Array.from({ length: 20 }, (_, index) =>
        packetLine(index, { source: `198.19.5.${index % 5}`, port: 80 + index })
      ),
      ...Array.from({ length: 5 }, (_, index) =>
        packetLine(index, { source: "100.20.3.4", port: 50_000 + index, flags: "S." })
      )
    ]
    const { signatures } = reportOf(lines.sort())
    const kinds: ReadonlyArray<keyof typeof signatures> = ["vertical", "horizontal", "slow", "shared", "backscatter"]
    const who = Object.fromEntries(kinds.map((kind) => [kind, signatures[kind].rows.map((row) => row.who)]))
    expect(who).toEqual({
      vertical: ["192.0.2.7"],
      horizontal: ["203.0.113.8"],
      slow: ["198.18.0.9"],
      shared: ["198.19.5.0/24"],
      backscatter: ["100.20.3.4"]
    })
  })

  it("names a rule by its ridentifier, or by a number that may have changed, with what pfctl says of it now", () => {
    const report = reportOf(
      [
        packetLine(0, { source: "192.0.2.1", port: 22, head: "3/0(match) [ridentifier 1000]" }),
        packetLine(1, { source: "192.0.2.1", port: 22, head: "9/0(match) [ridentifier 1000]" }),
        packetLine(2, { source: "192.0.2.1", port: 22, head: "4/0(match)" }),
        packetLine(3, { source: "192.0.2.1", port: 22, head: "4.web.7/0(match)" })
      ],
      {
        rules:
          '@3 block drop in log all label "scans" ridentifier 1000\n  [ Evaluations: 1 ]\n@4 block drop in log on em0 all\n'
      }
    )
    expect(report.rules.rows.map(({ rule, stable, packets, now: text }) => [rule, stable, packets, text])).toEqual([
      ["ridentifier 1000", true, 2, "scans"],
      ["4", false, 1, "block drop in log on em0 all"],
      ["4.web.7", false, 1, undefined]
    ])
  })
})

describe("terminalText", () => {
  const lines = [...forged(3000), ...scanLines("2001:db8:1:2:3:4:5:6", 4000, 1)]

  it("needs 80 columns, and only ASCII where the terminal knows no more", () => {
    const report = reportOf(lines)
    for (const unicode of [true, false]) {
      const text = terminalText(report, terminalStyle({ colour: false, unicode }))
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
      expect(/[^\x20-\x7e\n]/.test(text)).toBe(unicode)
    }
  })

  it("has colour only where that is wanted", () => {
    const report = reportOf([...lines, "something else\n"])
    expect(terminalText(report, terminalStyle({ colour: true, unicode: true }))).toContain("\u001b[31m")
    expect(terminalText(report, terminalStyle({ colour: false, unicode: true }))).not.toContain("\u001b")
  })
})

describe("parsePeriod", () => {
  it.each([
    ["2026-11-22T06:00:00Z", logStart],
    ["2026-11-22T07:00:00+01:00", logStart],
    ["2026-11-22T07:00+0100", logStart],
    ["30d", logStart],
    ["2026-02-30", undefined],
    ["yesterday", undefined],
    ["7", undefined],
    ["", undefined]
  ])("takes %j for %j", (text, second) => {
    expect(parsePeriod(text, now)).toBe(second)
  })
})
