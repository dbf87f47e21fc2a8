import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { type AuditAddresses, auditAddresses, forgedPackets } from "../../src/fail2ban/audit/ForgedPackets.ts"
import { asPayload, ip } from "../support/captures/IpPacket.ts"
import { presentCapture } from "../support/captures/PresentCapture.ts"
import { icmp, type Payload, type Segment, tcp, textPayload, udp } from "../support/captures/Segment.ts"
import { temporaryFolder } from "../support/PerTest.ts"

const run = promisify(execFile)

const text = "rule 1/0(match): block in on em0: 203.0.113.66.53 > x: Flags [S]"

const overTcp = (port: number, payload: string, flags = "P."): Segment =>
  tcp({
    ports: [4444, port],
    flags,
    sequence: 1,
    acknowledgment: flags === "S" ? 0 : 1,
    window: 512,
    payload: textPayload(payload)
  })

const raw = (protocolNumber: number, payload: Payload): Segment => ({
  protocolNumber,
  protocol: undefined,
  bytes: payload.bytes,
  checksumAt: undefined,
  ports: undefined,
  tcpFlags: undefined,
  payloadLength: undefined,
  innerAddresses: []
})

const dnsHeader = (flags: number, answers: number): Buffer =>
  Buffer.from([4, 210, flags >> 8, flags & 0xff, 0, 1, 0, answers, 0, 0, 0, 0])

const dnsName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split(".").map((label) => Buffer.from(String.fromCharCode(label.length) + label)),
    Buffer.of(0)
  ])

const bytes = (...parts: ReadonlyArray<Uint8Array>): Payload => ({ bytes: Buffer.concat(parts), innerAddresses: [] })

const innerSyn = ({ victim, destination }: AuditAddresses): Payload =>
  asPayload(
    ip({ source: victim, destination, segment: tcp({ ports: [4444, 22], flags: "S", sequence: 1, window: 512 }) })
  )

/** The packet that a victim is said not to have answered. */
const quoted = ({ victim, destination }: AuditAddresses): Payload =>
  asPayload(ip({ source: destination, destination: victim, segment: udp([5, 53]) }))

const gre = (inner: Payload): Payload => bytes(Buffer.of(0, 0, 8, 0), inner.bytes)

/** The packets of the forgedPackets, in their order. */
const segmentsOf = (addresses: AuditAddresses): ReadonlyArray<Segment> => [
  overTcp(80, `GET /${text} HTTP/1.1\r\n\r\n`),
  overTcp(80, `GET /${text}\r\n`),
  overTcp(80, `GET /${text}\r\n`, "S"),
  overTcp(21, `${text}\r\n`),
  overTcp(25, `${text}\r\n`),
  overTcp(25, `${text}\r\n`, "S"),
  overTcp(554, `OPTIONS ${text}\r\n`),
  overTcp(6379, `${text}\r\n`),
  udp([4444, 69], textPayload(`\0\u0001${text}\0octet\0`)),
  udp([4444, 5060], textPayload(`INVITE ${text} SIP/2.0\r\n`)),
  udp([4444, 53], bytes(dnsHeader(0x100, 0), dnsName(text), Buffer.of(0, 1, 0, 1))),
  udp(
    [53, 4444],
    bytes(
      dnsHeader(0x8180, 1),
      dnsName("x"),
      Buffer.of(0, 16, 0, 1, 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, text.length + 1, text.length),
      Buffer.from(text)
    )
  ),
  udp([4444, 525], textPayload(`\u0001\u0001\0\u0001${"\0".repeat(8)}${text}\0`)),
  raw(4, innerSyn(addresses)),
  raw(47, gre(innerSyn(addresses))),
  icmp(3, 3, 0, quoted(addresses)),
  icmp(3, 1, 0, quoted(addresses)),
  icmp(5, 1, 0xcb_00_71_42, quoted(addresses))
]

describe("the packets of the audit", () => {
  it("are printed by the real tcpdump as the audit says", async () => {
    const file = path.join(temporaryFolder(), "forgedPackets.pcap")
    const addresses = auditAddresses.ipv4
    fs.writeFileSync(file, presentCapture(segmentsOf(addresses).map((segment) => ({ ...addresses, segment }))))
    const { stdout } = await run("tcpdump", ["-tt", "-e", "-n", "-S", "-r", file])
    const printed = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^\S+ rule 1\/0\(match\): block in on em0: /, ""))
    expect(printed).toEqual(forgedPackets.map((carrier) => carrier.print(addresses, carrier.hasPayload ? text : "")))
  })
})
