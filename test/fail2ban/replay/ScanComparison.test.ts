import { describe, expect, it } from "vitest"
import { ScanComparison } from "../../../src/fail2ban/replay/ScanComparison.ts"
import { naiveScans } from "../../support/NaiveScans.ts"
import { blocked, scanRules } from "../../support/ScanPackets.ts"

const base = Date.parse("2026-11-22T05:00:00Z")

/** One scans alone, ten hosts of a network share the work, one retries, and one of IPv6 scans from two addresses of its /64. */
const packets = Array.from({ length: 60 }, (_, index) => [
  blocked(base + 4 * index, "203.0.113.9", 1 + index),
  blocked(base + 4 * index + 1, `198.51.100.${1 + (index % 10)}`, 1000 + index),
  blocked(base + 4 * index + 2, "192.0.2.77", 22),
  blocked(base + 4 * index + 3, `2001:db8:bad:1::${1 + (index % 2)}`, 1 + (index % 14))
]).flat()

const compare = (grid: boolean) => {
  const comparison = new ScanComparison(scanRules(), grid)
  for (const packet of packets) comparison.entry(packet)
  return comparison.finish(
    ["203.0.113.9", "192.0.2.77", "2001:db8:bad:1::1", "2001:db8:bad:1::2"],
    (source) => source === "2001:db8:bad:1::/64"
  )
}

describe("the comparison of packets, ports and networks", () => {
  it("tells who would be banned by ports and by networks, beside who is by packets", () => {
    const { byPorts, byNetworks, ...counts } = compare(false)
    expect(byPorts).toEqual({ ports: 12, hosts: 0, sources: ["203.0.113.9"], spared: 1 })
    expect(byNetworks).toEqual({ ports: 24, hosts: 8, sources: ["198.51.100.0/24"], spared: 0 })
    // The /64 counts once, and is not told by ports since it is on the never-ban list.
    expect(counts).toEqual({ within: 10, inBoth: 1, byPacketsOnly: 2, byPortsOnly: 0, rows: [] })
  })

  it("tries other choices with the same detector: as many as a naive count finds", () => {
    const { rows } = compare(true)
    expect(rows.map(({ ports, hosts }) => [ports, hosts])).toEqual([
      ...[3, 5, 8, 12, 20, 50].map((ports) => [ports, 0]),
      ...[3, 5, 10, 20].map((hosts) => [24, hosts])
    ])
    for (const { ports, hosts, sources, spared } of rows) {
      const rules = hosts === 0 ? scanRules({ ports }) : scanRules({ networkPorts: ports, hosts })
      const found = naiveScans(rules, packets).map((line) => line.split(" ")[1] ?? "")
      const wanted = found.filter((source) => (hosts === 0 ? true : /\/(24|48)$/.test(source)))
      expect(sources.length + spared, `${ports} ports, ${hosts} hosts`).toBe(new Set(wanted).size)
    }
  })
})
