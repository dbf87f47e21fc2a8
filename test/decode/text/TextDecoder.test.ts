import { describe, expect, it } from "vitest"
import { type PfLogEntry, plainEntry } from "../../../src/decode/PfLogEntry.ts"
import { decodeLine, makeTextDecoder } from "../../../src/decode/text/TextDecoder.ts"

/** What a decoder makes of bytes: entries, and other lines as strings, in their order. */
const decodeChunks = (...chunks: ReadonlyArray<string>): ReadonlyArray<PfLogEntry | string> => {
  const found: Array<PfLogEntry | string> = []
  const sink = {
    entry: (entry: PfLogEntry) => found.push(plainEntry(entry)),
    other: (line: string) => found.push(line)
  }
  const decoder = makeTextDecoder()
  for (const chunk of chunks) decoder.push(Buffer.from(chunk, "latin1"), sink)
  decoder.end(sink)
  return found
}

describe("decodeLine", () => {
  it("reads every field of a line", () => {
    const text =
      "rule 9.f2b/sshd.3/0(match) [uid 1001] [ridentifier 1000000103]: block in on vtnet0: 121.224.77.46.41854 > 46.38.233.77.6379: Flags [S], seq 1, win 65535, options [mss 1460], length 0"
    expect(decodeLine(`1692000000.000137 ${text}`)).toEqual({
      time: 1_692_000_000_000_137,
      rule: 9,
      ruleset: "f2b/sshd",
      subrule: 3,
      reason: "match",
      action: "block",
      direction: "in",
      interface: "vtnet0",
      uid: 1001,
      pid: undefined,
      ridentifier: 1_000_000_103,
      family: "ipv4",
      protocol: "tcp",
      source: { address: "121.224.77.46", port: 41_854 },
      destination: { address: "46.38.233.77", port: 6379 },
      tcpFlags: "S",
      fragment: false,
      icmpRequest: false,
      payloadLength: 0,
      text
    })
  })
})

describe("makeTextDecoder", () => {
  const line = "1692000000.000137 rule 1/0(match): block in on em0: 1.2.3.4.5 > 6.7.8.9.80: Flags [S], length 0"

  it("hands on an unfinished last line as an entry where its addresses are whole", () => {
    expect(decodeChunks(line)).toMatchObject([{ source: { address: "1.2.3.4", port: 5 } }])
  })

  it("never takes a cut number for a port", () => {
    const cut = line.slice(0, line.indexOf("80: ") + 1)
    expect(decodeChunks(cut)).toEqual([cut])
  })

  it("splits at line feeds only, wherever the chunks are cut", () => {
    const all = `${line}\nother\r\x00\n${line}\n`
    const whole = decodeChunks(all)
    expect(whole).toHaveLength(3)
    expect(whole[1]).toBe("other\r\x00")
    for (let at = 1; at < all.length; at++) expect(decodeChunks(all.slice(0, at), all.slice(at))).toEqual(whole)
  })

  it("reads a stamp as decodeLine does, also beyond what microseconds tell exactly, and behind a head that is known", () => {
    for (const seconds of ["1692000000", "9007199253", "9007199254", "9999999999", "0000000000", "169200000x"]) {
      const stamped = line.replace("1692000000", seconds)
      const alone = decodeLine(stamped)
      const expected = alone === undefined ? stamped : plainEntry(alone)
      expect(decodeChunks(`${stamped}\n${stamped}\n`)).toEqual([expected, expected])
      expect(decodeChunks(`${line}\n${stamped}\n`)[1]).toEqual(expected)
    }
  })
})
