import { describe, expect, it } from "vitest"
import { countsInMode, filterModes, isProbe, whyNoProbe } from "../../src/decode/Probe.ts"
import { decodeLine } from "../../src/decode/text/TextDecoder.ts"
import {
  impossibleIpv4,
  impossibleIpv6,
  innocentIpv4,
  innocentIpv6,
  possibleSources
} from "../support/InnocentPackets.ts"
import { probesIpv4, probesIpv6 } from "../support/ProbePackets.ts"

const entryOf = (packet: string, head = "rule 1/0(match): block in on em0") => {
  const entry = decodeLine(`${head}: ${packet}`)
  if (entry === undefined) throw new Error(`no entry: ${packet}`)
  return entry
}

const innocent = [
  ...innocentIpv4.map(({ name, from }) => ({ name, packet: from("192.0.2.77") })),
  ...innocentIpv6.map(({ name, from }) => ({ name, packet: from("2001:db8::77") }))
]

const probes = [
  ...probesIpv4.map(({ name, from, tcp }) => ({ name, tcp, packet: from("192.0.2.77") })),
  ...probesIpv6.map(({ name, from, tcp }) => ({ name, tcp, packet: from("2001:db8::77") }))
]

const syn = (source: string): string =>
  source.includes(":")
    ? `${source}.50000 > 2001:db8:9::9.22: Flags [S], seq 1, win 1024, length 0`
    : `${source}.50000 > 198.51.100.9.22: Flags [S], seq 1, win 1024, length 0`

describe("a probe", () => {
  it.each(probes)("is $name", ({ packet, tcp }) => {
    const entry = entryOf(packet)
    expect(whyNoProbe(entry)).toBeUndefined()
    expect(filterModes.map((mode) => countsInMode(entry, mode))).toEqual([true, tcp, true])
  })

  it.each(innocent)("is not $name", ({ packet }) => {
    const entry = entryOf(packet)
    expect(isProbe(entry)).toBe(false)
    expect(filterModes.map((mode) => countsInMode(entry, mode))).toEqual([false, false, true])
  })

  it.each([...impossibleIpv4, ...impossibleIpv6])("never comes from %s, in any mode", (source) => {
    const entry = entryOf(syn(source))
    expect(entry.source?.address).toBe(source)
    expect(whyNoProbe(entry)).toBe("impossible source")
    expect(filterModes.map((mode) => countsInMode(entry, mode))).toEqual([false, false, false])
  })

  it.each(possibleSources)("comes from %s, which a host can have", (source) => {
    expect(filterModes.map((mode) => countsInMode(entryOf(syn(source)), mode))).toEqual([true, true, true])
  })

  it("is blocked, inbound, for the reason match, and tells its source", () => {
    const why = (head: string, packet = syn("192.0.2.1")) => whyNoProbe(entryOf(packet, head))
    expect(why("rule 1/0(match): pass in on em0")).toBe("not blocked inbound")
    expect(why("rule 1/0(match): block out on em0")).toBe("not blocked inbound")
    expect(why("rule 1/0(match): rdr in on em0")).toBe("not blocked inbound")
    expect(why("rule 1/3(short): block in on em0")).toBe("other reasons")
    expect(why("rule 1/0(match): block in on em0", " [|ip]")).toBe("no address")
    expect(why("rule def/(match) [uid 0, pid 93] block in on em0")).toBeUndefined()
    const short = entryOf(syn("192.0.2.1"), "rule 1/3(short): block in on em0")
    expect(filterModes.map((mode) => countsInMode(short, mode))).toEqual([false, false, true])
  })

  it("says of what is none the first reason that holds", () => {
    const reasons = innocent.map(({ packet }) => whyNoProbe(entryOf(packet)))
    expect(new Set(reasons)).toEqual(
      new Set(["UDP answer or chatter", "ICMP without a request", "multicast or broadcast", "late TCP"])
    )
  })
})
