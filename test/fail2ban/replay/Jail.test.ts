import { describe, expect, it } from "vitest"
import { bannedHosts, parseDuration, shippedThresholds } from "../../../src/fail2ban/replay/Jail.ts"

const packets = (host: string, count: number, everySeconds: number) =>
  Array.from({ length: count }, (_, index) => ({ host, time: index * everySeconds * 1_000_000 }))

describe("a jail", () => {
  it("has the thresholds of the shipped file", () => {
    expect(shippedThresholds()).toEqual({ maxretry: 12, findtime: 600, bantime: 3600 })
  })

  it("bans a host at its maxretry-th packet within findtime, and nobody below", () => {
    const thresholds = shippedThresholds()
    expect(bannedHosts(thresholds, packets("192.0.2.1", 11, 1))).toEqual([])
    expect(bannedHosts(thresholds, packets("192.0.2.1", 20, 1))).toEqual([
      { host: "192.0.2.1", time: 11_000_000, matches: 20 }
    ])
    expect(bannedHosts(thresholds, packets("192.0.2.1", 100, 120))).toEqual([])
  })

  it("spares a host that tries one blocked port once, however its system repeats the SYN", () => {
    const retransmissions = [0, 1, 3, 7, 15, 31, 63, 127]
    const tries = retransmissions.map((second) => ({ host: "192.0.2.1", time: second * 1_000_000 }))
    expect(bannedHosts(shippedThresholds(), tries)).toEqual([])
  })

  it("reads times as fail2ban writes them", () => {
    expect(["600", "10m", "1h", "1d 12h", "1w"].map(parseDuration)).toEqual([600, 600, 3600, 129_600, 604_800])
    expect(["", "soon", "5 parsecs"].map(parseDuration)).toEqual([undefined, undefined, undefined])
  })
})
