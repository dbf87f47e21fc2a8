import { describe, expect, it } from "vitest"
import { parseNetwork } from "../../src/host/neverban/Network.ts"
import { makeNeverBanList } from "../../src/host/neverban/NeverBanList.ts"
import { type ScannedPort, summarize } from "../../src/scan/Scan.ts"
import { makeAsciiScanLine, makeJsonScanLine } from "../../src/scan/ScanLine.ts"
import { isSpared } from "../../src/scan/Spared.ts"

const time = Date.parse("2026-11-22T05:16:54.507Z") * 1000 + 27
const tcp = (...ports: ReadonlyArray<number>): ReadonlyArray<ScannedPort> =>
  ports.map((port) => ({ protocol: "tcp", port }))
const ports = [{ protocol: "udp", port: 53 }, { protocol: "icmp", port: 0 }, ...tcp(25, 22, 23)]

describe("the line of a scan", () => {
  it("says who tried what, TCP's ports first and in order", () => {
    const line = makeAsciiScanLine()
    expect(line(summarize("203.0.113.9", time, undefined, ports, 1, 0.84))).toMatch(
      /^2026-11-22T\d\d:16:54\.507027[+-]\d\d:\d\d scan: 203\.0\.113\.9 tried 5 ports of 1 address in 0\.8 s: 22, 23, 25, icmp, 53\/udp\n$/
    )
    const many = tcp(...Array.from({ length: 31 }, (_, index) => index + 1))
    expect(line(summarize("2001:db8:bad::/48", time, 9, many, 2, 3.12))).toMatch(
      / scan: 2001:db8:bad::\/48 \(9 hosts\) tried 31 ports of 2 addresses in 3\.1 s: 1, .*, 16, \.\.\.\n$/
    )
  })

  it("is an object of ECS in JSON, with an address of type ip only where the source is one host", () => {
    const line = makeJsonScanLine()
    const json: unknown = JSON.parse(line(summarize("203.0.113.9", time, undefined, ports, 1, 0.8)))
    expect(json).toEqual({
      "@timestamp": "2026-11-22T05:16:54.507027Z",
      event: { kind: "alert", category: ["network", "intrusion_detection"], type: ["info"], action: "scan" },
      source: { address: "203.0.113.9", ip: "203.0.113.9" },
      message: "203.0.113.9 tried 5 ports of 1 address in 0.8 s: 22, 23, 25, icmp, 53/udp",
      pf: { scan: { ports: ["22", "23", "25", "icmp", "53/udp"], addresses: 1, seconds: 0.8 } }
    })
    expect(JSON.parse(line(summarize("203.0.113.0/24", time, 9, ports, 1, 0.8)))).toMatchObject({
      source: { address: "203.0.113.0/24" },
      pf: { scan: { hosts: 9 } }
    })
  })
})

describe("isSpared", () => {
  it("spares a listed host, a host of a listed network, and a network with a listed host in it", () => {
    const claims = ["203.0.113.7", "198.51.100.0/24", "2001:db8:5::53"].flatMap((text) => {
      const network = parseNetwork(text)
      return network === undefined ? [] : [{ network, role: "configured", source: "test" } as const]
    })
    const list = makeNeverBanList(claims)
    for (const source of ["203.0.113.7", "203.0.113.0/24", "198.51.100.9", "2001:db8:5::/64", "2001:db8:5::/48"])
      expect(isSpared(list, source), source).toBe(true)
    for (const source of ["203.0.113.8", "203.0.114.0/24", "2001:db8:6::/64"])
      expect(isSpared(list, source), source).toBe(false)
  })
})
