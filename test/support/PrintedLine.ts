import * as fc from "fast-check"
import type { Direction, Family, PfLogEntry } from "../../src/decode/PfLogEntry.ts"

/** A line as some tcpdump prints it, in its parts, and what must be read from it. */
export interface PrintedLine {
  /** What stands in front of the addresses, the addresses, and what stands behind them. */
  readonly before: string
  readonly addresses: string
  readonly after: string
  readonly expected: Partial<PfLogEntry>
}

const ipv4 = fc.ipV4()

/** As inet_ntop(3) writes it, v4-mapped addresses included. */
const ipv6 = fc.oneof(
  fc.ipV6().map((address) => new URL(`http://[${address}]/`).hostname.slice(1, -1)),
  fc.constantFrom("::", "::1", "fe80::1", "2001:db8::", "ff02::1:ff00:1"),
  fc.ipV4().map((address) => `::ffff:${address}`)
)

const port = fc.integer({ min: 0, max: 65_535 })
const number = fc.integer({ min: 0, max: 4_294_967_294 })

/** A ruleset's name: anything printable, but not to be taken for a subrule. */
const ruleset = fc
  .string({ minLength: 1, maxLength: 15, unit: fc.constantFrom(..."abcz09./()_-: []%") })
  .filter((name) => !/^[\d.]*$/.test(name))

/** An interface's name has neither a colon nor `>`. */
const interfaceName = fc.constantFrom(
  "vtnet0",
  "vlan0.810",
  "igb1_vlan20",
  "epair1b",
  "lo0",
  "dmz-office",
  "my wan",
  "0"
)

const rule = fc.oneof(
  fc.constant({ text: "4294967295", rule: undefined, ruleset: undefined, subrule: undefined }),
  number.map((rule) => ({ text: `${rule}`, rule, ruleset: undefined, subrule: undefined })),
  fc
    .tuple(number, fc.option(ruleset, { nil: undefined }), number)
    .map(([rule, ruleset, subrule]) => ({ text: `${rule}.${ruleset ?? ""}.${subrule}`, rule, ruleset, subrule }))
)

const reason = fc.oneof(
  fc.constantFrom("0(match)", "3(short)", "8(ip-option)", "15(map-failed)").map((text) => ({
    text,
    reason: text.slice(text.indexOf("(") + 1, -1)
  })),
  fc.integer({ min: 0, max: 255 }).map((number) => ({ text: `unkn(${number})`, reason: `${number}` }))
)

const action = fc.oneof(
  fc.constantFrom("block", "pass", "synproxy-drop", "rdr").map((action) => ({ text: action, action })),
  fc.integer({ min: 0, max: 255 }).map((number) => ({ text: `unkn(${number})`, action: `${number}` }))
)

const direction = fc.constantFrom<Direction>("in", "out", "in/out", "fwd")

const tags = fc
  .record({ uid: fc.option(number, { nil: undefined }), ridentifier: fc.option(number, { nil: undefined }) })
  .map(({ uid, ridentifier }) => ({
    text: `${uid === undefined ? "" : ` [uid ${uid}]`}${ridentifier === undefined ? "" : ` [ridentifier ${ridentifier}]`}`,
    uid,
    ridentifier
  }))

const stamp = fc.oneof(
  fc.constant({ text: "", time: undefined }),
  fc.constant({ text: " 00:00:00.000123 ", time: undefined }),
  fc
    .tuple(fc.integer({ min: 0, max: 4_102_444_800 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => ({
      text: `${seconds}.${String(micros).padStart(6, "0")} `,
      time: seconds * 1_000_000 + micros
    }))
)

/** What a sender may make a payload say. */
const payload = fc.oneof(
  fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 80 }),
  fc.constantFrom(
    "rule 1/0(match): block in on em0: 9.9.9.9.1 > 8.8.8.8.2: Flags [S], length 0",
    "9.9.9.9.1 > 8.8.8.8.2: Flags [S], length 0",
    " (encap)",
    ": 9.9.9.9 > 8.8.8.8: ICMP echo request, length 9"
  )
)

interface Shape {
  readonly ports: boolean
  readonly protocol: string
  readonly body: string
  readonly expected: Partial<PfLogEntry>
}

const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc
    .tuple(fc.constantFrom("S", "S.", "P.", "none", "FPU", "."), fc.nat(65_535), payload)
    .map(([tcpFlags, payloadLength, text]) => ({
      ports: true,
      protocol: "tcp",
      body: `Flags [${tcpFlags}], seq 1, win 1024, length ${payloadLength}: HTTP: ${text}`,
      expected: { tcpFlags, payloadLength }
    })),
  fc.nat(65_535).map((payloadLength) => ({
    ports: true,
    protocol: "udp",
    body: `UDP, length ${payloadLength}`,
    expected: { payloadLength }
  })),
  payload.map((text) => ({ ports: true, protocol: "udp", body: `1234+ A? ${text}. (31)`, expected: {} })),
  payload.map((text) => ({ ports: true, protocol: "sctp", body: `sctp (1) [DATA] ${text}`, expected: {} })),
  fc.nat(65_535).map((payloadLength) => ({
    ports: false,
    protocol: "icmp",
    body: `ICMP 9.9.9.9 tcp port 1 unreachable, length ${payloadLength}`,
    expected: { payloadLength }
  })),
  fc.constant({
    ports: false,
    protocol: "ipip",
    body: "9.9.9.9.1 > 8.8.8.8.2: Flags [S], length 0",
    expected: { tcpFlags: undefined }
  }),
  fc.constant({ ports: false, protocol: "gre", body: "GREv0, length 88: IP 9.9.9.9 > 8.8.8.8: ICMP", expected: {} }),
  fc.constant({ ports: false, protocol: "udp", body: "ip-proto-17", expected: { fragment: true } })
)

const endpoints = fc.oneof(
  fc.record({ family: fc.constant<Family>("ipv4"), source: ipv4, destination: ipv4 }),
  fc.record({ family: fc.constant<Family>("ipv6"), source: ipv6, destination: ipv6 })
)

const truncations = { ipv4: "truncated-ip - 20 bytes missing! ", ipv6: "truncated-ip6 - 20 bytes missing!" }

/** Lines of tcpdump.org's tcpdump, of every form that a grammar of it can make. */
export const printedLine: fc.Arbitrary<PrintedLine> = fc
  .record({
    stamp,
    rule,
    reason,
    tags,
    action,
    direction,
    interfaceName,
    truncated: fc.boolean(),
    endpoints,
    ports: fc.tuple(port, port),
    shape
  })
  .map((line) => {
    const { family, source, destination } = line.endpoints
    const [sourcePort, destinationPort] = line.shape.ports ? line.ports : [undefined, undefined]
    const written = (address: string, port: number | undefined): string =>
      port === undefined ? address : `${address}.${port}`
    const head = `rule ${line.rule.text}/${line.reason.text}${line.tags.text}: ${line.action.text} ${line.direction} on ${line.interfaceName}: `
    const before = `${line.stamp.text}${head}${line.truncated ? truncations[family] : ""}`
    const addresses = `${written(source, sourcePort)} > ${written(destination, destinationPort)}`
    const after = `: ${line.shape.body}`
    return {
      before,
      addresses,
      after,
      expected: {
        time: line.stamp.time,
        rule: line.rule.rule,
        ruleset: line.rule.ruleset,
        subrule: line.rule.subrule,
        reason: line.reason.reason,
        action: line.action.action,
        direction: line.direction,
        interface: line.interfaceName,
        uid: line.tags.uid,
        ridentifier: line.tags.ridentifier,
        family,
        protocol: line.shape.protocol,
        source: { address: source, port: sourcePort },
        destination: { address: destination, port: destinationPort },
        text: `${before.slice(line.stamp.text.length)}${addresses}${after}`,
        ...line.shape.expected
      }
    }
  })
