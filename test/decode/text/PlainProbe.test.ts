import * as fs from "node:fs"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isProbe } from "../../../src/decode/Probe.ts"
import { PlainProbe } from "../../../src/decode/text/PlainProbe.ts"
import { makeTextDecoder } from "../../../src/decode/text/TextDecoder.ts"
import { TextEntry } from "../../../src/decode/text/TextEntry.ts"
import { readAddress } from "../../../src/scan/AddressWords.ts"
import { impossibleIpv4, innocentIpv4, innocentIpv6 } from "../../support/InnocentPackets.ts"
import { probesIpv4, probesIpv6 } from "../../support/ProbePackets.ts"

const plain = new PlainProbe()

/** An address as the bytes and as the fields of a line give it: in words of 32 bits. */
const wordsOf = (address: string): ReadonlyArray<number> => {
  const words = new Int32Array(4)
  readAddress(address, words)
  return [...words]
}

const wordsRead = (words: Int32Array): ReadonlyArray<number> => (plain.isIpv6 ? [...words] : [0, 0, 0, words[3] ?? 0])

/** Reads lines both ways: what the bytes say, the fields must say. How many lines are plain probes, and plainly none. */
const compare = (lines: ReadonlyArray<string>): readonly [probes: number, others: number] => {
  let [probes, others] = [0, 0]
  const decoder = makeTextDecoder()
  const sink = {
    entry: (entry: unknown) => {
      if (!(entry instanceof TextEntry)) return
      const reading = plain.read(entry)
      if (reading === "unclear") return
      expect(isProbe(entry), entry.text).toBe(reading === "probe")
      if (reading === "no probe") {
        others += 1
        return
      }
      probes += 1
      expect([entry.protocol, entry.family], entry.text).toEqual([plain.protocol, plain.isIpv6 ? "ipv6" : "ipv4"])
      expect(wordsOf(entry.source?.address ?? ""), entry.text).toEqual(wordsRead(plain.source))
      expect(wordsOf(entry.destination?.address ?? ""), entry.text).toEqual(wordsRead(plain.destination))
      expect(entry.destination?.port, entry.text).toBe(plain.port)
    },
    other: () => undefined
  }
  // Twice, since a head is known by its bytes from the second line on.
  for (const line of lines) decoder.push(Buffer.from(`${line}\n${line}\n`, "latin1"), sink)
  decoder.end(sink)
  return [probes, others]
}

const line = (packet: string, head = "rule 1/0(match): block in on em0: "): string =>
  `1795327200.000000 ${head}${packet}`

const aSyn = "192.0.2.1.40000 > 198.51.100.9.22: Flags [S], seq 1, win 1024, length 0"

const aProbe = "192.0.2.1.40000 > 198.51.100.9.161: UDP, length 40"

const over6 = (packet: string, source = "2001:db8::1", destination = "2001:db8:9::9"): string =>
  packet.replace("192.0.2.1", source).replace("198.51.100.9", destination)

const forms6 = [
  "2001:db8:1:2:3:4:5:6",
  "2001::",
  "2001:db8::1:0:0:2",
  "1::8",
  "fd00::1",
  "fe::1",
  "ff:1::1",
  "2001:db8::ffff",
  "64:ff9b::102"
]

/** Addresses that the bytes leave to the fields. */
const special6 = [
  "::1",
  "::",
  "::ffff:192.0.2.1",
  "64:ff9b::192.0.2.1",
  "0:1::1",
  "fe80::1",
  "fe80::1%em0",
  "ff02::1",
  "2001:db8::1::2",
  "2001:db8:1:2:3:4:5:6:7",
  "2001:db8:1:2:3:4:5",
  "1:2:3:4:5:6:7::8",
  "2001:DB8::1",
  "2001:0db81::1"
]

describe("a plain probe", () => {
  it("is read off the bytes of a line as its fields say it", () => {
    expect(compare([line(aSyn), line(aSyn, "rule 2.f2b/sshd.1/0(match): block in on em0.10: ")])).toEqual([4, 0])
    expect(compare([line(aProbe), line(over6(aSyn)), line(over6(aProbe))])).toEqual([6, 0])
    expect(
      compare(forms6.flatMap((address) => [line(over6(aSyn, address)), line(over6(aSyn, "1::1", address))]))
    ).toEqual([
      // One that ends in two colons is left to the fields.
      4 * (forms6.length - 1),
      0
    ])
  })

  it("is plainly none where it comes late, or answers", () => {
    const late = ["[S.]", "[R]", "[.]", "[P.]", "[R.]", "[SR]"].map((flags) => aSyn.replace("[S]", flags))
    const answers = [
      aProbe.replace("40000", "53").replace("161", "50000"),
      aProbe.replace("161", "443"),
      aProbe.replace("40000", "123").replace("161", "123"),
      aProbe.replace("40000", "5353").replace("161", "50000")
    ]
    const packets = [...late, ...answers]
    expect(compare([...packets, ...packets.map((packet) => over6(packet))].map((packet) => line(packet)))).toEqual([
      0,
      4 * packets.length
    ])
    const heads = [
      "rule 1/0(match): pass in on em0: ",
      "rule 1/0(match): block out on em0: ",
      "rule 1/0(short): block in on em0: "
    ]
    expect(compare(heads.map((head) => line(aSyn, head)))).toEqual([0, 6])
  })

  it("is left to the fields where anything is out of the ordinary", () => {
    const others = [
      aSyn.replace("[S]", "[SEW]"),
      aSyn.replace("[S]", "[R^]"),
      aSyn.replace("[S]", "[]"),
      aSyn.replace("192.0", "192.00"),
      aSyn.replace("192.0.2.1", "192.0.2.256"),
      aSyn.replace(".40000", ".70000"),
      aSyn.replace(".40000", ""),
      aSyn.replace(": Flags", ", Flags"),
      `IP ${aSyn}`,
      aSyn.slice(0, aSyn.indexOf("]")),
      aSyn.replace("[S]", "[R.]").slice(0, aSyn.indexOf("]")),
      aProbe.replace("UDP,", "udp"),
      aProbe.replace("UDP, length 40", "1+ A? example.org. (29)"),
      aProbe.replace("100.9", "100.255"),
      ...special6.flatMap((address) => [over6(aSyn, address), over6(aProbe, address)]),
      ...["fe80::1", "ff02::1", "::1"].map((address) => over6(aSyn, address, "2001:db8::1")),
      ...["fe80::1", "ff02::1", "::1"].map((address) => over6(aProbe, "2001:db8::1", address)),
      over6(aSyn, "2001:db8::1", "198.51.100.9"),
      over6(aSyn, "192.0.2.1", "2001:db8::1")
    ]
    const openbsd = "rule 1/(match) [uid 0, pid 1] block in on em0: "
    expect(compare([...others.map((packet) => line(packet)), line(aSyn, openbsd)])).toEqual([0, 0])
  })

  it("is a probe by the definition of a probe, for any packet of the tests", () => {
    const packets = [...probesIpv4, ...innocentIpv4].map(({ from }) => from("192.0.2.77"))
    const more = [...probesIpv6, ...innocentIpv6].map(({ from }) => from("2001:db8::77"))
    const impossible = impossibleIpv4.map((address) => aSyn.replace("192.0.2.1", address))
    expect(compare(impossible.map((packet) => line(packet)))).toEqual([0, 0])
    const [probes, others] = compare([...packets, ...more].map((packet) => line(packet)))
    expect(probes).toBeGreaterThan(2)
    expect(others).toBeGreaterThan(2)
    const corpus = fs.readFileSync("test/fixtures/fuzz/lines.jsonl", "utf8").split("\n").filter(Boolean)
    expect(compare(corpus.map((json) => line(String(JSON.parse(json)), "")))[0]).toBeGreaterThan(0)
  })

  it("says what the fields say of any addresses, ports, flags and words", () => {
    const octet = fc.constantFrom(0, 1, 127, 169, 192, 223, 224, 254, 255)
    const four = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."))
    const group = fc.constantFrom("0", "1", "db8", "fe80", "fe00", "ff02", "ff", "2001", "00", "12345", "")
    const six = fc.array(group, { minLength: 2, maxLength: 9 }).map((groups) => groups.join(":"))
    const port = fc.constantFrom(0, 22, 53, 67, 68, 123, 443, 500, 1023, 1024, 1900, 4500, 5353, 65_535, 65_536)
    const words = fc.constantFrom(
      ...["S", "S.", "R", ".", "SEW", "none", "", "FPU"].map((letters) => `Flags [${letters}], seq 1`),
      ...["UDP, length 1", "UDP, bad length 9 > 8", "UDP", "udp 40", "S 1:1(0) win 9", "[|tcp]", "1 NXDomain 0/1/0 (9)"]
    )
    const packet = fc
      .oneof(fc.tuple(four, four), fc.tuple(six, six), fc.tuple(four, six))
      .chain(([from, to]) =>
        fc.tuple(port, port, words).map(([source, target, rest]) => `${from}.${source} > ${to}.${target}: ${rest}`)
      )
    fc.assert(
      fc.property(packet, (text) => void compare([line(text)])),
      { numRuns: 3000 }
    )
  })
})
