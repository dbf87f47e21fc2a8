import { describe, expect, it } from "vitest"
import { parseRules } from "../../../src/validate/pf/Rule.ts"

const only = (line: string) => {
  const rules = parseRules(line)
  expect(rules).toHaveLength(1)
  return rules[0]
}

describe("rules as pfctl prints them", () => {
  it("are read with number, direction, log, quick, interface, family, protocol and hosts", () => {
    expect(
      only(
        '@3(1700000000) block return-icmp(port-unr, port-unr) in log (all, user, to pflog2) quick on ! em0 inet proto udp from ! <friends> to any port = domain label "no: all"'
      )
    ).toMatchObject({
      action: "block",
      direction: "in",
      log: { to: "pflog2", matches: false },
      quick: true,
      on: { name: "em0", negated: true },
      family: "inet",
      protocol: "udp",
      source: "all but some",
      conditions: ["to any port = domain"]
    })
  })

  it.each([
    ["block drop log all", "block", "any", []],
    ["block return in on egress inet all", "block", "any", []],
    [
      "pass in quick on em0 reply-to (em0 192.0.2.1) inet proto tcp from any to (em0) port = ssh flags S/SA keep state",
      "pass",
      "any",
      ["to (em0) port = ssh"]
    ],
    [
      "pass in quick on em1 route-to { (em2 10.0.0.1), (em3 10.0.1.1) } round-robin inet all flags any keep state",
      "pass",
      "any",
      []
    ],
    [
      "pass in on vtnet0 inet proto tcp from <trusted> to 192.0.2.1 port = ssh flags S/SA keep state (source-track rule, max-src-conn 5)",
      "pass",
      "some",
      ["to 192.0.2.1 port = ssh"]
    ],
    [
      "pass in on em0 inet proto udp from any port = bootps to any port = bootpc keep state",
      "pass",
      "any",
      ["from any port = bootps", "to any port = bootpc"]
    ],
    [
      "pass in quick inet6 proto ipv6-icmp all icmp6-type neighbrsol no state",
      "pass",
      "any",
      ["icmp6-type neighbrsol"]
    ],
    [
      "pass in on em0 proto tcp all user = 80 set ( prio 6 ) keep state tagged web",
      "pass",
      "any",
      ["user =", "tagged web"]
    ],
    ["match in all scrub (no-df max-mss 1440)", "match", "any", []],
    [
      "pass in log (to pflog1) inet proto tcp from any to any port 1024:65535 rdr-to 10.0.0.2",
      "pass",
      "any",
      ["to any port 1024:65535"]
    ],
    ["block drop in quick on ! vtnet0 inet from 192.0.2.0/24 to any", "block", "some", []],
    ["scrub in on em0 all fragment reassemble", "other", "any", ["fragment reassemble"]]
  ])("are read in the form %s", (line, action, source, conditions) => {
    expect(only(line)).toMatchObject({ action, source, conditions })
  })

  it("are read as OpenBSD prints a match that logs all later matches", () => {
    expect(only("match in log (all, matches, to pflog1) on em0 all")).toMatchObject({
      action: "match",
      log: { to: "pflog1", matches: true }
    })
  })

  it("are read with anchors, named, inline and nested", () => {
    const rules = parseRules(
      [
        '@0 anchor "f2b/*" in on em0 inet proto tcp all',
        "  [ Evaluations: 12        Packets: 0         Bytes: 0           States: 0     ]",
        "anchor out on em1 all {",
        '  anchor "inner" all {',
        "    block drop quick all",
        "  }",
        "  pass all flags S/SA keep state",
        "}",
        "block drop all"
      ].join("\n")
    )
    expect(rules.map(({ action, call }) => [action, call])).toEqual([
      ["anchor", "f2b/*"],
      ["anchor", ""],
      ["block", undefined]
    ])
    expect(rules[0]).toMatchObject({ direction: "in", on: { name: "em0" }, family: "inet", protocol: "tcp" })
    expect(rules[1]?.inside?.map(({ action, call }) => [action, call])).toEqual([
      ["anchor", "inner"],
      ["pass", undefined]
    ])
    expect(rules[1]?.inside?.[0]?.inside).toMatchObject([{ action: "block", quick: true }])
  })

  it("are read with translations", () => {
    expect(
      parseRules(
        'no rdr on lo0 inet proto tcp from any to any port = http\nrdr pass on em0 inet proto tcp from any to 192.0.2.1 port = http -> 10.0.0.2 port 8080\nnat on em0 inet from 10.0.0.0/8 to any -> (em0) round-robin\nrdr-anchor "ftp-proxy/*" all\nbinat pass on em0 inet from 10.0.0.3 to any -> 192.0.2.3'
      )
    ).toMatchObject([
      { action: "rdr", isException: true, skipsFilter: false },
      { action: "rdr", isException: false, skipsFilter: true, source: "any", conditions: ["to 192.0.2.1 port = http"] },
      { action: "nat", source: "some" },
      { action: "anchor", call: "ftp-proxy/*" },
      { action: "binat", skipsFilter: true }
    ])
  })
})
