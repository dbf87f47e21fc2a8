import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { isProbe } from "../../../src/decode/Probe.ts"
import { PlainSyn } from "../../../src/decode/text/PlainSyn.ts"
import { makeTextDecoder } from "../../../src/decode/text/TextDecoder.ts"
import { TextEntry } from "../../../src/decode/text/TextEntry.ts"
import { impossibleIpv4, innocentIpv4, innocentIpv6 } from "../../support/InnocentPackets.ts"
import { probesIpv4, probesIpv6 } from "../../support/ProbePackets.ts"

const syn = new PlainSyn()

const dotted = (word: number): string => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join(".")

/** Reads lines both ways; how many are plain SYNs. What is one must be a probe, with the same addresses and port. */
const compare = (lines: ReadonlyArray<string>): number => {
  let plain = 0
  const decoder = makeTextDecoder()
  const sink = {
    entry: (entry: unknown) => {
      if (!(entry instanceof TextEntry) || !syn.read(entry)) return
      plain += 1
      expect(isProbe(entry), entry.text).toBe(true)
      expect([entry.protocol, entry.tcpFlags], entry.text).toEqual(["tcp", "S"])
      expect(entry.source?.address).toBe(dotted(syn.source))
      expect(entry.destination).toEqual({ address: dotted(syn.destination), port: syn.port })
    },
    other: () => undefined
  }
  // Twice, since a head is known by its bytes from the second line on.
  for (const line of lines) decoder.push(Buffer.from(`${line}\n${line}\n`, "latin1"), sink)
  decoder.end(sink)
  return plain
}

const line = (packet: string, head = "rule 1/0(match): block in on em0: "): string =>
  `1795327200.000000 ${head}${packet}`

const aSyn = "192.0.2.1.40000 > 198.51.100.9.22: Flags [S], seq 1, win 1024, length 0"

describe("a plain SYN", () => {
  it("is read off the bytes of a line as its fields say it", () => {
    expect(compare([line(aSyn), line(aSyn, "rule 2.f2b/sshd.1/0(match): block in on em0.10: ")])).toBe(4)
  })

  it("is none where anything is out of the ordinary", () => {
    const others = [
      aSyn.replace("[S]", "[S.]"),
      aSyn.replace("[S]", "[R]"),
      aSyn.replace("[S]", "[SEW]"),
      aSyn.replace("192.0", "192.00"),
      aSyn.replace("192.0.2.1", "192.0.2.256"),
      aSyn.replace(".40000", ".70000"),
      aSyn.replace(".40000", ""),
      aSyn.replace(": Flags", ", Flags"),
      `IP ${aSyn}`,
      aSyn.slice(0, aSyn.indexOf("]"))
    ]
    const heads = [
      "rule 1/0(match): pass in on em0: ",
      "rule 1/0(match): block out on em0: ",
      "rule 1/0(short): block in on em0: "
    ]
    expect(compare([...others.map((packet) => line(packet)), ...heads.map((head) => line(aSyn, head))])).toBe(0)
  })

  it("is a probe by the definition of a probe, for any packet of the tests", () => {
    const packets = [...probesIpv4, ...innocentIpv4].map(({ from }) => from("192.0.2.77"))
    const more = [...probesIpv6, ...innocentIpv6].map(({ from }) => from("2001:db8::77"))
    const impossible = impossibleIpv4.map((address) => aSyn.replace("192.0.2.1", address))
    expect(compare(impossible.map((packet) => line(packet)))).toBe(0)
    expect(compare([...packets, ...more].map((packet) => line(packet)))).toBeGreaterThan(0)
    const corpus = fs.readFileSync("test/fixtures/fuzz/lines.jsonl", "utf8").split("\n").filter(Boolean)
    expect(compare(corpus.map((json) => line(String(JSON.parse(json)), "")))).toBeGreaterThan(0)
  })
})
