import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import { portText, type Scan } from "../../src/scan/Scan.ts"
import { ScanDetector, type ScanRules } from "../../src/scan/ScanDetector.ts"
import { naiveScans } from "../support/NaiveScans.ts"
import { blocked, scanRules } from "../support/ScanPackets.ts"

const base = Date.parse("2026-11-22T05:00:00Z")

const scansOf = (rules: ScanRules, packets: ReadonlyArray<PfLogEntry>): ReadonlyArray<Scan> => {
  const scans: Array<Scan> = []
  const detector = new ScanDetector(rules, (scan) => scans.push(scan))
  for (const packet of packets) detector.entry(packet, base * 1000)
  expect(detector.forgotten).toBe(0)
  return scans
}

const sourcesOf = (scans: ReadonlyArray<Scan>) => scans.map(({ source }) => source)

const repeat = (count: number, packet: (index: number) => PfLogEntry): ReadonlyArray<PfLogEntry> =>
  Array.from({ length: count }, (_, index) => packet(index))

const portScan = (source: string, count: number, apart: number, more: Parameters<typeof blocked>[3] = {}) =>
  repeat(count, (index) => blocked(base + index * apart, source, 20 + index, more))

/** Packets of some sources, in their order, and rules that some of them break. */
const step = fc.record({
  pause: fc.oneof({ weight: 9, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.nat(2500) }),
  source: fc.oneof(
    fc.nat(11).map((n) => `203.0.${n % 2}.${1 + n}`),
    fc.nat(5).map((n) => `2001:db8:${1 + (n % 2)}:${1 + n}::${1 + n}`)
  ),
  port: fc.integer({ min: 1, max: 9 }),
  to: fc.integer({ min: 1, max: 3 }),
  protocol: fc.constantFrom("tcp", "udp")
})
const someRules = fc.record({
  ports: fc.integer({ min: 3, max: 7 }),
  within: fc.integer({ min: 20, max: 2000 }),
  remind: fc.nat(3000),
  hosts: fc.constantFrom(0, 1, 3, 4),
  networkPorts: fc.integer({ min: 3, max: 9 })
})

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const packetsOf = (steps: ReadonlyArray<Step>): ReadonlyArray<PfLogEntry> => {
  let time = base
  return steps.map(({ pause, source, port, to, protocol }) => {
    time += pause
    const destination = `${source.includes(":") ? "2001:db8:9::" : "198.51.100."}${to}`
    return blocked(time, source, port, { to: destination, protocol, tcpFlags: protocol === "tcp" ? "S" : undefined })
  })
}

const someSteps = fc.array(step, { maxLength: 400, size: "max" })

describe("the scan detector", () => {
  it("tells a scan at the twelfth port: what was tried, where, and how fast", () => {
    const [scan, ...more] = scansOf(scanRules(), portScan("203.0.113.9", 30, 100))
    expect(more).toEqual([])
    expect(scan).toMatchObject({ source: "203.0.113.9", addresses: 1, seconds: 1.1, hosts: undefined })
    expect(scan?.time).toBe((base + 1100) * 1000)
    expect(scan?.ports.map(portText)).toEqual(Array.from({ length: 12 }, (_, index) => String(20 + index)))
  })

  it("counts one port at many addresses, and the same port of other protocols", () => {
    const packets = repeat(12, (index) => blocked(base + index, "203.0.113.9", 22, { to: `198.51.100.${index + 1}` }))
    expect(scansOf(scanRules(), packets)[0]).toMatchObject({ addresses: 12, ports: [{ protocol: "tcp", port: 22 }] })
    const mixed = [
      ...portScan("203.0.113.8", 6, 1),
      ...portScan("203.0.113.8", 6, 1, { protocol: "udp", tcpFlags: undefined })
    ]
    expect(scansOf(scanRules(), mixed)[0]?.ports.map(portText)).toContain("20/udp")
  })

  it("counts IPv6 by /64, whatever addresses within it are used", () => {
    const packets = repeat(12, (index) => blocked(base + index, `2001:db8:bad:1:${index + 1}::1`, 20 + index))
    expect(sourcesOf(scansOf(scanRules(), packets))).toEqual(["2001:db8:bad:1::/64"])
  })

  it("tells the same source again only after `remind`, and then only if it goes on", () => {
    const rules = scanRules({ remind: 60_000 })
    expect(scansOf(rules, portScan("203.0.113.9", 1000, 100))).toHaveLength(2)
    expect(scansOf(rules, portScan("203.0.113.9", 500, 100))).toHaveLength(1)
  })

  it("names nobody that did not scan", () => {
    const innocent = [
      // One client that tries one port again and again, from a new port each time.
      ...repeat(1000, (i) => blocked(base + i, "192.0.2.1", 443, { source: { address: "192.0.2.1", port: 1024 + i } })),
      // Late answers of a web server and of a name server, to ports of ours.
      ...repeat(1000, (i) => blocked(base + i, "192.0.2.2", 30_000 + i, { tcpFlags: "R." })),
      ...repeat(1000, (i) =>
        blocked(base + i, "192.0.2.3", 30_000 + i, { protocol: "udp", source: { address: "192.0.2.3", port: 53 } })
      ),
      // A neighbour's broadcasts.
      ...repeat(100, (i) => blocked(base + i, "192.0.2.4", 100 + i, { to: "255.255.255.255", protocol: "udp" })),
      // Eleven ports, then a pause longer than the window, then eleven others.
      ...portScan("192.0.2.5", 11, 1),
      ...repeat(11, (i) => blocked(base + 20_000 + i, "192.0.2.5", 100 + i)),
      ...repeat(1000, (i) => blocked(base + 20_100 + i, "192.0.2.6", 30_000 + i, { action: "pass" }))
    ]
    expect(scansOf(scanRules(), innocent)).toEqual([])
  })

  it("tells a network whose hosts share the work, each of them below the threshold", () => {
    const rules = scanRules({ hosts: 8, networkPorts: 20 })
    const packets = repeat(40, (i) => blocked(base + i, `203.0.113.${1 + (i % 10)}`, 1000 + i))
    const [scan, ...more] = scansOf(rules, packets)
    expect(more).toEqual([])
    expect(scan).toMatchObject({ source: "203.0.113.0/24", hosts: 8 })
    const six = repeat(40, (i) => blocked(base + i, `2001:db8:bad:${1 + (i % 10)}::1`, 1000 + i))
    expect(sourcesOf(scansOf(rules, six))).toEqual(["2001:db8:bad::/48"])
  })

  it("tells no network of which one host alone scans", () => {
    const rules = scanRules({ hosts: 2, networkPorts: 20 })
    expect(sourcesOf(scansOf(rules, portScan("203.0.113.9", 100, 1)))).toEqual(["203.0.113.9"])
  })

  it("starts anew when the clock is set back, and goes on when it is set forward", () => {
    const begun = portScan("203.0.113.9", 11, 1)
    expect(scansOf(scanRules(), [...begun, blocked(base - 3_600_000, "203.0.113.9", 999)])).toEqual([])
    expect(scansOf(scanRules(), [...begun, blocked(base + 3_600_000, "203.0.113.9", 999)])).toEqual([])
    // A step back within the window is one of the order in which packets are logged.
    expect(scansOf(scanRules(), [...begun, blocked(base - 500, "203.0.113.9", 999)])).toHaveLength(1)
  })

  it("goes on over months", () => {
    const scans: Array<Scan> = []
    const day = 86_400_000
    const detector = new ScanDetector(scanRules({ remind: day }), (scan) => scans.push(scan))
    for (let time = base; time < base + 100 * day; time += day / 4)
      for (let port = 1; port < 14; port++) detector.entry(blocked(time + port, "203.0.113.9", port), 0)
    expect(scans).toHaveLength(100)
  })

  it("finds exactly what a naive reference finds, while its table does not overflow", () => {
    let found = 0
    fc.assert(
      fc.property(someRules, someSteps, (chosen, steps) => {
        const packets = packetsOf(steps)
        const all = scanRules(chosen)
        const told = scansOf(all, packets).map(({ source, time: at }) => `${at / 1000} ${source}`)
        expect(told).toEqual(naiveScans(all, packets))
        found += told.length
      }),
      { numRuns: 200 }
    )
    expect(found).toBeGreaterThan(1000)
  }, 60_000)

  it("gives others what it has read, each of which tells what it would tell by itself", () => {
    const others = fc.array(someRules, { minLength: 1, maxLength: 4 })
    // One that looks at networks only, too.
    const withNetworks = others.map((all) => [...all, { ...(all[0] ?? {}), ports: 0, hosts: 3 }])
    fc.assert(
      fc.property(someRules, withNetworks, someSteps, (chosen, companions, steps) => {
        const packets = packetsOf(steps)
        const told: Array<Array<Scan>> = []
        const [leader, ...followers] = [chosen, ...companions].map((some, index) => {
          told.push([])
          return new ScanDetector(scanRules(some), (scan) => told[index]?.push(scan))
        })
        for (const follower of followers) leader?.share(follower)
        for (const packet of packets) leader?.entry(packet, base * 1000)
        const alone = [chosen, ...companions].map((some) => scansOf(scanRules(some), packets))
        expect(told).toEqual(alone)
      }),
      { numRuns: 100 }
    )
  }, 60_000)
})
