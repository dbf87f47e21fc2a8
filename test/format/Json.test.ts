import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { PfLogEntry } from "../../src/decode/PfLogEntry.ts"
import { decodeLine } from "../../src/decode/text/TextDecoder.ts"
import { makeJsonFormat } from "../../src/format/Json.ts"

const written = (line: string): unknown => {
  const entry = decodeLine(line)
  if (entry === undefined) throw new Error(`no entry: ${line}`)
  const json = makeJsonFormat().entry(entry, 1_692_000_000_000_137)
  expect(json).toMatch(/^[\x20-\x7e]*\n$/)
  return JSON.parse(json)
}

/** Where the object has each field of an entry; `undefined` for those that it leaves out. */
const places: Readonly<Record<keyof PfLogEntry, string | undefined>> = {
  time: "@timestamp",
  rule: "pf.rule",
  ruleset: "rule.ruleset",
  subrule: "pf.subrule",
  reason: "event.reason",
  action: "event.action",
  direction: "network.direction",
  interface: "observer.ingress.interface.name",
  uid: "pf.uid",
  pid: "pf.pid",
  ridentifier: "pf.ridentifier",
  family: "network.type",
  protocol: "network.transport",
  source: "source.ip",
  destination: "destination.port",
  tcpFlags: "pf.tcp_flags",
  fragment: undefined,
  icmpRequest: undefined,
  payloadLength: undefined,
  text: undefined
}

const one: PfLogEntry = {
  time: 1_692_000_000_000_137,
  rule: 1,
  ruleset: "web",
  subrule: 2,
  reason: "match",
  action: "block",
  direction: "in",
  interface: "em0",
  uid: 3,
  pid: 4,
  ridentifier: 5,
  family: "ipv4",
  protocol: "tcp",
  source: { address: "192.0.2.1", port: 6 },
  destination: { address: "192.0.2.2", port: 7 },
  tcpFlags: "S",
  fragment: false,
  icmpRequest: false,
  payloadLength: 8,
  text: "one"
}

/** An entry that differs from the other one in every field; the direction is one that keeps the interface in its place. */
const other: PfLogEntry = {
  time: 1_692_000_000_000_138,
  rule: 11,
  ruleset: "mail",
  subrule: 12,
  reason: "short",
  action: "pass",
  direction: "fwd",
  interface: "em1",
  uid: 13,
  pid: 14,
  ridentifier: 15,
  family: "ipv6",
  protocol: "udp",
  source: { address: "192.0.2.11", port: 16 },
  destination: { address: "192.0.2.12", port: 17 },
  tcpFlags: "R",
  fragment: true,
  icmpRequest: true,
  payloadLength: 18,
  text: "other"
}

const valueAt = (json: string, place: string): unknown =>
  place.split(".").reduce((value: unknown, key) => Object(value)[key], JSON.parse(json))

describe("makeJsonFormat", () => {
  it.each(Object.entries(places))("shows a change of the field %s (at: %s)", (field, place) => {
    const { entry: write } = makeJsonFormat()
    const before = write(one, 0)
    const after = write({ ...one, [field]: Reflect.get(other, field) }, 0)
    if (place === undefined) return expect(after).toBe(before)
    expect(valueAt(before, place)).toBeDefined()
    expect(valueAt(after, place)).not.toEqual(valueAt(before, place))
  })

  it("writes ECS's fields in their order", () => {
    const entry = decodeLine(
      "1692000000.000137 rule 17.f2b/sshd.3/0(match): block in on vtnet0: 121.224.77.46.41854 > 46.38.233.77.6379: Flags [S], seq 1, win 65535, length 0"
    )
    expect(entry && makeJsonFormat().entry(entry, 0)).toBe(
      `{"@timestamp":"2023-08-14T08:00:00.000137Z","event":{"kind":"event","category":["network"],"action":"block","reason":"match"},"network":{"direction":"inbound","type":"ipv4","transport":"tcp"},"observer":{"ingress":{"interface":{"name":"vtnet0"}}},"rule":{"id":"17","ruleset":"f2b/sshd"},"source":{"ip":"121.224.77.46","port":41854},"destination":{"ip":"46.38.233.77","port":6379},"pf":{"rule":17,"subrule":3,"tcp_flags":"S"}}\n`
    )
  })

  it("puts the interface under egress where the packet goes out", () => {
    expect(written("rule 0/0(match): pass out on em0: 1.2.3.4 > 6.7.8.9: ICMP echo request, length 64")).toMatchObject({
      network: { direction: "outbound", transport: "icmp" },
      observer: { egress: { interface: { name: "em0" } } },
      rule: { id: "0" },
      pf: { rule: 0 }
    })
  })

  it("leaves out what has no value", () => {
    expect(written("rule def/(short)  in on em0:  [|ip]")).toEqual({
      "@timestamp": "2023-08-14T08:00:00.000137Z",
      event: { kind: "event", category: ["network"], reason: "short" },
      network: { direction: "inbound", type: "ipv4" },
      observer: { ingress: { interface: { name: "em0" } } }
    })
    expect(written("rule 4294967295/0(match): block fwd on : bad-hlen 4")).toEqual({
      "@timestamp": "2023-08-14T08:00:00.000137Z",
      event: { kind: "event", category: ["network"], action: "block", reason: "match" }
    })
  })

  it("writes addresses without their scope", () => {
    expect(written("rule 1/0(match): block in on em0: fe80::1%em0.5 > fe80::2%em0.80: Flags [S]")).toMatchObject({
      source: { ip: "fe80::1", port: 5 },
      destination: { ip: "fe80::2", port: 80 }
    })
  })

  it("writes what pf alone knows under pf", () => {
    expect(
      written("rule 5.a.2/0(match) [uid 7, pid 8] [ridentifier 9]: block in on em1: 1.2.3.4.5 > 6.7.8.9.53: udp 40")
    ).toMatchObject({ pf: { rule: 5, subrule: 2, uid: 7, pid: 8, ridentifier: 9 } })
  })

  it("is valid JSON whatever a name holds", () => {
    const name = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 15
    })
    fc.assert(
      fc.property(name, (found) => {
        fc.pre(!/[\n./:>]/.test(found) && !/^\d+$/.test(found))
        const json = written(`rule 1.${found}.2/0(match): block in on ${found}: 1.2.3.4 > 6.7.8.9: ICMP`)
        expect(json).toMatchObject({
          rule: { ruleset: found },
          observer: { ingress: { interface: { name: found } } },
          source: { ip: "1.2.3.4" }
        })
      })
    )
  })

  it("writes a notice as an object, whatever it says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        const json = makeJsonFormat().notice({ time: 137, level: "warning", process: "pfasciilogd", pid: 77, message })
        expect(json).toMatch(/^[\x20-\x7e]*\n$/)
        expect(JSON.parse(json)).toEqual({
          "@timestamp": "1970-01-01T00:00:00.000137Z",
          log: { level: "warning" },
          process: { name: "pfasciilogd", pid: 77 },
          message
        })
      })
    )
  })
})
