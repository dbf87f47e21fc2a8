import * as Either from "effect/Either"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { countsInMode, type FilterMode, filterModes } from "../../../src/decode/Probe.ts"
import { decodeLine } from "../../../src/decode/text/TextDecoder.ts"
import { parseFilter } from "../../../src/fail2ban/filter/FilterFile.ts"
import { shippedFilterText } from "../../../src/fail2ban/filter/ShippedFiles.ts"
import { makeMatcher } from "../../../src/fail2ban/match/Matcher.ts"
import { impossibleIpv4, impossibleIpv6, innocentIpv4, innocentIpv6 } from "../../support/InnocentPackets.ts"
import { probesIpv4, probesIpv6 } from "../../support/ProbePackets.ts"

const matcherOf = (mode: FilterMode) =>
  parseFilter(shippedFilterText(), "pfasciilogd", new Map([["mode", mode]])).pipe(
    Either.flatMap(makeMatcher),
    Either.getOrThrow
  )

const matchers = filterModes.map((mode) => ({ mode, matcher: matcherOf(mode) }))

/** A port, most often one that some rule names, or one beside it. */
const port = fc.oneof(
  fc.integer({ min: 0, max: 65_535 }),
  fc
    .tuple(
      fc.constantFrom(53, 67, 68, 123, 137, 138, 443, 500, 546, 547, 1023, 1024, 1900, 3478, 3702, 4500, 5353, 5355),
      fc.integer({ min: -1, max: 1 })
    )
    .map(([named, by]) => named + by)
)

const withPorts = fc.constantFrom(
  ...["UDP, length 4", "1234+ A? x. (19)", "NTPv4, Client, length 48", "udp 4 (DF)", " [|udp]", "[|domain]"],
  ...["Flags [S], seq 1", "Flags [none], win 1", "Flags [FPU], seq 1", "Flags [.], ack 1", "Flags [R], seq 1"],
  ...[
    "Flags [SEW], seq 1",
    "S 1:1(0) win 5 (DF)",
    "S 1:1(0) ack 5 win 5",
    ". ack 1 win 5",
    ". win 5",
    "R 1:1(0) win 0"
  ],
  ...[
    "FP 1:1(0) win 5",
    "P 1:9(8) ack 1 win 5",
    "S [tcp sum ok] 1:1(0) win 5",
    "FS [bad hdr length] (DF)",
    "R [bad hdr length]",
    " [|tcp]",
    "tcp 40"
  ],
  ...["sctp (1) [INIT]", "DCCP DCCP-Request seq 1", "PGM, length 9", "sctp"]
)

const alone = fc.constantFrom(
  ...["ICMP echo request, id 1, seq 1, length 64", "ICMP echo reply, id 1, seq 1, length 64", "[|icmp]", " [|icmp]"],
  ...["ICMP time stamp query id 0 seq 1, length 20", "ICMP type-#42, length 28", "ICMP type-#421, length 28"],
  ...[
    "ICMP 9.9.9.9 udp port 53 unreachable, length 36",
    "icmp: echo request (DF)",
    "icmp: echo reply",
    "icmp6: echo reply"
  ],
  ...["ICMP6, echo request, id 1, seq 1, length 64", "ICMP6, neighbor solicitation, who has ::1, length 32"],
  ...["ICMP6, unknown icmp6 type (160), length 28", "ICMP6, unknown icmp6 type (161), length 28", "[|icmp6]"],
  ...[
    "[ICMP requires IPv4] (invalid)",
    "[ICMPv6 requires IPv6] (invalid)",
    "igmp query v2",
    "ESP(spi=0x1,seq=0x1), length 8"
  ],
  ...["ip-proto-17", "ip-proto-6", " ip-proto-237 24", "GREv0, length 40: IP 9.9.9.9.53 > 8.8.8.8.4000: UDP, length 4"],
  ...["9.9.9.9.53 > 8.8.8.8.4000: UDP, length 4", "9.9.9.9.1 > 8.8.8.8.2: Flags [S], seq 1", " [|udp]", " [|tcp]"]
)

const headers = fc.constantFrom(
  ...["", "", "", "HBH ", "DSTOPT ", "HBH DSTOPT ", "frag (0|1448) ", "RT6 (len=2, type=0, segleft=1) "]
)

const address4 = fc.oneof(
  fc.ipV4(),
  fc.constantFrom(...impossibleIpv4, "192.0.2.77", "198.51.100.255", "192.0.2.53", "192.0.2.123")
)

const address6 = fc.oneof(
  fc.ipV6().map((address) => new URL(`http://[${address}]/`).hostname.slice(1, -1)),
  fc.constantFrom(...impossibleIpv6, "2001:db8::77", "64:ff9b::c000:24d", "fec0::1", "ff:1::1", "2001:db8::53:123")
)

const packet = fc.oneof(
  fc
    .tuple(address4, address4, port, port, withPorts)
    .map(([source, destination, from, to, words]) => `${source}.${from} > ${destination}.${to}: ${words}`),
  fc
    .tuple(address6, address6, port, port, withPorts)
    .map(([source, destination, from, to, words]) => `${source}.${from} > ${destination}.${to}: ${words}`),
  fc
    .tuple(address6, address6, headers, port, port, withPorts)
    .map(
      ([source, destination, header, from, to, words]) =>
        `${source} > ${destination}: ${header}${from} > ${to}: ${words}`
    ),
  fc.tuple(address4, address4, alone).map(([source, destination, words]) => `${source} > ${destination}: ${words}`),
  fc
    .tuple(address6, address6, headers, alone)
    .map(([source, destination, header, words]) => `${source} > ${destination}: ${header}${words}`),
  fc.tuple(address4, fc.constantFrom(...innocentIpv4, ...probesIpv4)).map(([source, { from }]) => from(source)),
  fc.tuple(address6, fc.constantFrom(...innocentIpv6, ...probesIpv6)).map(([source, { from }]) => from(source))
)

const head = fc.constantFrom(
  ...[
    "rule 1/0(match): block in on em0",
    "rule 1/0(match): block in on em0",
    "rule 3.f2b/sshd.0/0(match): block in on em0.10"
  ],
  ...[
    "rule def/(match) [uid 0, pid 93] block in on em0",
    "rule 1/3(short): block in on em0",
    "rule 1/0(match): pass in on em0"
  ],
  ...["rule 1/0(match): block out on em0", "rule 1/0(match) [uid 0]: block in on em0"]
)

describe("the shipped filter", () => {
  it("names the source of exactly the packets that count by the definition of a probe, in every mode", () => {
    fc.assert(
      fc.property(head, packet, (text, body) => {
        // OpenBSD's tcpdump has no blank behind "missing!", tcpdump.org's has one.
        fc.pre(!(text.startsWith("rule def") && body.startsWith("truncated")))
        const line = `2026-11-22T06:16:54.507027+01:00 ${text}: ${body}`
        const entry = decodeLine(line)
        for (const { mode, matcher } of matchers) {
          const result = matcher.match(line)
          const expected = entry !== undefined && countsInMode(entry, mode) ? entry.source?.address : undefined
          expect([mode, line, result.type === "match" ? result.host : undefined]).toEqual([mode, line, expected])
        }
      }),
      { numRuns: 4_000 }
    )
  })
})
