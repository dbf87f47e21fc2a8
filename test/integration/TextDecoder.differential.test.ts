import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Endpoint, type PfLogEntry, plainEntry } from "../../src/decode/PfLogEntry.ts"
import { makeTextDecoder } from "../../src/decode/text/TextDecoder.ts"
import { makeCaptureFiles, readTruth, tcpdumpText } from "../support/captures/MakeCapture.ts"
import type { PacketTruth } from "../support/captures/PacketTruth.ts"
import { makeRandom } from "../support/captures/Random.ts"
import { readableVerdict } from "../support/PrintedTruth.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decoder-differential-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Decoded {
  readonly entries: ReadonlyArray<PfLogEntry>
  readonly others: ReadonlyArray<string>
}

/** Decodes a text in pieces of random length. */
const decode = (text: string): Decoded => {
  const entries: Array<PfLogEntry> = []
  const others: Array<string> = []
  const sink = {
    entry: (entry: PfLogEntry) => void entries.push(plainEntry(entry)),
    other: (line: string) => void others.push(line)
  }
  const random = makeRandom(text.length)
  const bytes = Buffer.from(text, "latin1")
  const decoder = makeTextDecoder()
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + random.pick([1, 7, 100, 4096, 65_536]))
    decoder.push(Buffer.from(bytes.subarray(at, end)), sink)
    at = end
  }
  decoder.end(sink)
  return { entries, others }
}

/** A field that the decoder gives otherwise than the truth has it. */
interface Difference {
  readonly field: string
  readonly expected: unknown
  readonly found: unknown
  readonly line: string
}

/** Compares what the text can tell of a packet, field by field. */
const differences = (truth: PacketTruth, entry: PfLogEntry): ReadonlyArray<Difference> => {
  const found: Array<Difference> = []
  const check = (field: string, expected: unknown, value: unknown): void => {
    if (!Object.is(expected, value)) found.push({ field, expected, found: value, line: entry.text })
  }
  const verdict = readableVerdict(truth)
  check("time", truth.time, entry.time)
  check("rule", truth.rule, entry.rule)
  check("ruleset", truth.ruleset, entry.ruleset)
  check("subrule", truth.subrule, entry.subrule)
  check("reason", verdict.reason, entry.reason)
  check("action", verdict.action, entry.action)
  check("direction", verdict.direction, entry.direction)
  check("interface", truth.interface, entry.interface)
  check("pid", undefined, entry.pid)
  // tcpdump 4.99 prints neither.
  check("uid", undefined, entry.uid)
  check("ridentifier", undefined, entry.ridentifier)
  // tcpdump gives no address at all where pf's header lies about the address family, or where the capture ends in
  // IPv4's options or in SCTP's header.
  const unreadable = truth.source === undefined
  if (unreadable || (truth.missingBytes > 0 && !entry.text.includes(" > "))) {
    check("source", undefined, entry.source)
    check("destination", undefined, entry.destination)
    return found
  }
  const unsure = truth.missingBytes > 0 || truth.lies
  check("family", truth.family, entry.family)
  check("source address", truth.source?.address, entry.source?.address)
  check("destination address", truth.destination?.address, entry.destination?.address)
  checkUnlessUnsure("source port", truth.source?.port, entry.source?.port)
  checkUnlessUnsure("destination port", truth.destination?.port, entry.destination?.port)
  // A later fragment over IPv6 is printed without its protocol.
  if (!laterFragment(truth) || truth.family === "ipv4") checkUnlessUnsure("protocol", truth.protocol, entry.protocol)
  else if (entry.protocol !== undefined) check("protocol", truth.protocol, entry.protocol)
  if (!truth.lies) checkUnlessUnsure("tcpFlags", truth.tcpFlags, entry.tcpFlags)
  if (!unsure) check("icmpRequest", truth.icmpRequest, entry.icmpRequest)
  // The first fragment of an IPv4 datagram is printed as a whole packet is.
  const fragmentShown = truth.fragment && (truth.family === "ipv6" || laterFragment(truth))
  if (!unsure || entry.fragment) check("fragment", fragmentShown, entry.fragment)
  const lengthTold = truth.payloadLength !== undefined && entry.payloadLength !== undefined
  if (lengthTold && !unsure) check("payloadLength", truth.payloadLength, entry.payloadLength)
  if (truth.protocol === "tcp" && !unsure && !truth.fragment) {
    check("payloadLength", truth.payloadLength, entry.payloadLength)
  }
  return found

  /** A capture that is cut off or lies may not tell a field, but it must not tell another value. */
  function checkUnlessUnsure(field: string, expected: unknown, value: unknown): void {
    if (value !== undefined || !unsure) check(field, expected, value)
  }
}

const laterFragment = ({ fragmentOffset }: PacketTruth): boolean => fragmentOffset !== undefined && fragmentOffset > 0

const compare = (...flags: ReadonlyArray<string>) => {
  const [capture, truthFile] = [join(folder, "capture.pcap"), join(folder, "truth.jsonl")]
  makeCaptureFiles(capture, truthFile, flags)
  const text = tcpdumpText(capture)
  const truth = readTruth(truthFile)
  const { entries, others } = decode(text)
  const found = truth.flatMap((packet, index) => {
    const entry = entries[index]
    return entry === undefined
      ? [{ field: "entry", expected: packet, found: undefined, line: "" }]
      : differences(packet, entry)
  })
  return { text, truth, entries, others, found }
}

/** What differs, each field with its count and its first example: readable where thousands differ. */
const summary = (found: ReadonlyArray<Difference>): ReadonlyArray<unknown> =>
  [...new Set(found.map(({ field }) => field))].map((field) => {
    const same = found.filter((difference) => difference.field === field)
    return { count: same.length, ...same[0] }
  })

describe("the text decoder, against the real tcpdump and the truth beside each capture", () => {
  const captures: ReadonlyArray<ReadonlyArray<string>> = [
    ["matrix"],
    ["sample"],
    ["scan", "--packets", "2000"],
    ["flood", "--packets", "2000", "--sources", "2000"],
    ["wrong-family", "--packets", "1000"],
    ["hostile", "--packets", "5000", "--seed", "1"],
    ["hostile", "--packets", "3000", "--seed", "2", "--header", "openbsd"],
    ["hostile", "--packets", "3000", "--seed", "3", "--header", "freebsd-12"],
    ["hostile", "--packets", "3000", "--seed", "4", "--header", "macos", "--precision", "nano", "--byte-order", "big"]
  ]

  it.each(captures.map((flags) => [flags.join(" "), flags] as const))("finds every field of: %s", (_, flags) => {
    const { entries, found, truth } = compare(...flags)
    expect(summary(found)).toEqual([])
    expect(entries).toHaveLength(truth.length)
  })

  it("hands on every line once, in order and unchanged, as an entry or as another line", () => {
    const { entries, others, text } = compare("hostile", "--packets", "3000", "--seed", "5")
    const texts = entries.map((entry) => entry.text)
    let [nextEntry, nextOther] = [0, 0]
    for (const line of text.slice(0, -1).split("\n")) {
      if (line.endsWith(texts[nextEntry] ?? "\0") && /^\d+\.\d{6} rule /.test(line)) nextEntry++
      else expect(line).toBe(others[nextOther++])
    }
    expect([nextEntry, nextOther]).toEqual([texts.length, others.length])
  })

  it("never takes an address from a payload, a tunnel or a quoted packet for the packet's own", () => {
    const { entries, truth } = compare("hostile", "--packets", "5000", "--seed", "6")
    const bait = new Set(truth.flatMap(({ innerAddresses }) => innerAddresses))
    const taken = entries.filter(({ destination, source }) => named(bait, source) || named(bait, destination))
    expect(taken.filter(({ text }) => /198\.1[89]\.|2001:db8:bad:/.test(text.split(" > ")[0] ?? ""))).toEqual([])
    expect(
      taken.map(({ source }) => source?.address).filter((address) => /^198\.1|^2001:db8:bad/.test(address ?? ""))
    ).toEqual([])
  })
})

const named = (addresses: ReadonlySet<string>, endpoint: Endpoint | undefined): boolean =>
  endpoint !== undefined && addresses.has(endpoint.address)
