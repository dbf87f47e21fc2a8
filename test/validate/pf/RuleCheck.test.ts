import { describe, expect, it } from "vitest"
import { parseRules } from "../../../src/validate/pf/Rule.ts"
import { ruleFindings } from "../../../src/validate/pf/RuleCheck.ts"

const banRules = ["tcp", "udp", "icmp", "ipv6-icmp"]
  .map((protocol) => `block drop quick proto ${protocol} from <f2b-pfasciilogd> to any`)
  .join("\n")

interface Host {
  readonly translation?: string
  readonly anchors?: Readonly<Record<string, string>>
  readonly translationAnchors?: Readonly<Record<string, string>>
  readonly groups?: Readonly<Record<string, ReadonlyArray<string>>>
  readonly ban?: string
}

const parsed = (anchors: Readonly<Record<string, string>> = {}) =>
  new Map(Object.entries(anchors).map(([path, rules]) => [path, parseRules(rules)]))

/** What is wrong with the rules, as `check: detail`. */
const faults = (filter: string, host: Host = {}): ReadonlyArray<string> =>
  ruleFindings(
    {
      filter: parseRules(filter),
      translation: parseRules(host.translation ?? ""),
      anchors: parsed(host.anchors),
      translationAnchors: parsed(host.translationAnchors),
      groups: new Map(Object.entries(host.groups ?? {})),
      logInterface: "pflog0"
    },
    [{ path: "f2b/pfasciilogd", rules: parseRules(host.ban ?? banRules) }]
  )
    .filter(({ verdict }) => verdict !== "good")
    .map(({ verdict, check, detail, remedy }) => {
      expect(remedy).toMatch(/\w/)
      return `${verdict} ${check}: ${detail}`
    })

const logged = "block drop in log on em0 all"
const free = 'anchor "f2b/*" all'

describe("rule sets that stop whom fail2ban bans", () => {
  it.each([
    [`${free}\n${logged}`],
    // Without quick a block before the anchor is overruled by the anchor's, which doesn't log.
    [`${logged}\n${free}\npass in on em0 proto tcp from any to any port = http flags S/SA keep state`],
    ['block drop log all\nanchor "/f2b/*" all'],
    [`anchor "f2b/pfasciilogd" all\n${logged}`],
    ['anchor "f2b/*" in on em0 all\nblock return in log on em0 all\npass out all flags S/SA keep state'],
    // What comes in on another interface can't get anybody banned.
    [`pass in quick on em1 all flags S/SA keep state\n${free}\nblock return log all`],
    [`pass quick on lo0 all flags S/SA keep state\n${free}\nblock drop log all`],
    // Lists of hosts to let in, or never to, are decisions about those hosts.
    [`pass in quick on em0 from <friends> to any flags S/SA keep state\n${free}\n${logged}`],
    [`block drop in quick on em0 from <bogons> to any\n${free}\n${logged}`],
    [`block drop in quick on ! em0 inet from 192.0.2.0/24 to any\n${free}\n${logged}`],
    [`pass out quick all flags S/SA keep state\n${free}\n${logged}`],
    [`block drop in quick on em0 inet6 all\n${free}\n${logged}`],
    [`block drop in quick on em0 proto tcp from any to any port = telnet\n${free}\n${logged}`],
    ['anchor in on em0 all {\n  anchor "/f2b/*" all\n  block drop log all\n}\npass out all flags S/SA keep state'],
    [`anchor "relayd/*" all\nanchor "ftp-proxy/*" all\n${free}\n${logged}`]
  ])("are good: %j", (rules) => {
    expect(faults(rules)).toEqual([])
  })

  it("are good where an anchor of the administrator's own calls f2b's", () => {
    const anchors = { f2b: 'anchor "*" all', office: "pass in quick on em0 from <office> to any flags S/SA keep state" }
    expect(faults(`anchor "office" all\nanchor "f2b" all\n${logged}`, { anchors })).toEqual([])
  })

  it("are good where a group is the interface that logs", () => {
    const rules = 'anchor "f2b/*" in on egress all\nblock drop in log on em0 all'
    expect(faults(rules, { groups: { egress: ["em0"] } })).toEqual([])
  })

  it("are good with the action's rules not loaded yet", () => {
    expect(faults(`${free}\n${logged}`, { ban: "" })).toEqual([])
  })
})

describe("rule sets that look as if bans took effect", () => {
  it("are found where the anchor isn't called", () => {
    expect(faults(logged)).toEqual(['failed pf anchor: anchor "f2b/*" is missing: fail2ban\'s bans block nothing'])
    expect(faults(`anchor "f2b" all\n${logged}`)).toEqual([
      'failed pf anchor: anchor "f2b" all evaluates the rules of f2b itself only, not those of f2b/pfasciilogd, where fail2ban\'s bans are: they block nothing'
    ])
    expect(faults(`anchor "f2b/sshd" all\n${logged}`)).toEqual([
      'failed pf anchor: anchor "f2b/sshd" all evaluates the rules of f2b/sshd only, not those of f2b/pfasciilogd, where fail2ban\'s bans are: they block nothing'
    ])
    expect(faults(`anchor "f2b/*/*" all\nanchor "f2b*" all\nanchor "*" all\n${logged}`)).toHaveLength(1)
  })

  it("are found where the anchor stands in braces, and so means another one", () => {
    expect(faults(`anchor in on em0 all {\n  anchor "f2b/*" all\n}\n${logged}`)).toEqual([
      'failed pf anchor: anchor "f2b/*" all stands inside another anchor, and so means _1/f2b/*: fail2ban\'s bans block nothing'
    ])
  })

  it.each([
    ['anchor "f2b/*" out all', "outgoing packets", "tcp, udp, icmp, ipv6-icmp on em0"],
    ['anchor "f2b/*" on em1 all', "packets on em1", "tcp, udp, icmp, ipv6-icmp on em0"],
    ['anchor "f2b/*" on ! em0 all', "packets not on em0", "tcp, udp, icmp, ipv6-icmp on em0"],
    ['anchor "f2b/*" proto tcp all', "tcp", "udp, icmp, ipv6-icmp on em0"],
    ['anchor "f2b/*" inet all', "IPv4", "tcp, udp, ipv6-icmp of IPv6 on em0"],
    ['anchor "f2b/*" in on em0 inet6 proto udp all', "packets on em0, IPv6, udp", "tcp, udp, icmp, ipv6-icmp on em0"],
    [
      'anchor "f2b/*" proto tcp from any to any port = ssh',
      "tcp, to any port = ssh",
      "tcp, udp, icmp, ipv6-icmp on em0"
    ],
    ['anchor "f2b/*" from any to 192.0.2.1', "to 192.0.2.1", "tcp, udp, icmp, ipv6-icmp on em0"],
    ['anchor "f2b/*" all tagged probe', "tagged probe", "tcp, udp, icmp, ipv6-icmp on em0"]
  ])("are found where the anchor is for a part: %s", (anchor, part, missed) => {
    expect(faults(`${anchor}\n${logged}`)).toEqual([
      `failed pf anchor: ${anchor} is for ${part} only: a ban does not stop ${missed}`
    ])
  })

  it("are found where the anchor is for one interface, and another one logs as well", () => {
    expect(faults('anchor "f2b/*" on em0 all\nblock drop in log all')).toEqual([
      'failed pf anchor: anchor "f2b/*" on em0 all is for packets on em0 only: a ban does not stop tcp, udp, icmp, ipv6-icmp'
    ])
  })

  it.each([
    ["pass in quick on em0 proto tcp from any to any port = ssh flags S/SA keep state"],
    ["pass quick all flags S/SA keep state"],
    ["pass in quick on em0 inet proto udp all keep state"],
    ["pass in quick from ! <blocked> to any flags S/SA keep state"],
    ["pass in quick proto tcp from any to any port = http user = 80 flags S/SA keep state"]
  ])("are found where a rule lets banned hosts in before: %s", (pass) => {
    expect(
      faults(`block drop in log on em0 proto tcp all\n${pass}\n${free}\nblock drop in log quick on em0 all`)[0]
    ).toMatch(
      new RegExp(
        `^failed pf anchor: banned hosts get in through ${pass.replace(/[()|?*.!/]/g, "\\$&")}, which decides before anchor "f2b/`
      )
    )
  })

  it("are a warning where only pings and answers get in before", () => {
    const ping = "pass in quick on em0 inet proto icmp all icmp-type echoreq keep state"
    const lease = "pass in quick on em0 inet proto udp from any port = bootps to any port = bootpc keep state"
    expect(faults(`${ping}\n${lease}\n${free}\n${logged}`)).toEqual([
      `warning pf anchor: banned hosts get in through ${lease}; ${ping}, which decides before anchor "f2b/*"`
    ])
  })

  it("are found where an anchor before lets banned hosts in", () => {
    const anchors = { "relayd/web": "pass in quick on em0 proto tcp from any to any port = http flags S/SA keep state" }
    expect(faults(`anchor "relayd/*" all\n${free}\n${logged}`, { anchors })).toEqual([
      expect.stringContaining("banned hosts get in through pass in quick on em0 proto tcp from any to any port = http")
    ])
  })

  it("are found where banned hosts go on filling the log", () => {
    expect(faults(`block drop in log quick on em0 all\n${free}`)).toEqual([
      'failed pf anchor: anchor "f2b/*" stands after a rule that blocks and logs (block drop in log quick on em0 all): banned hosts go on filling the log'
    ])
    expect(faults(`match in log (matches) on em0 all\n${free}\nblock drop in on em0 all`)).toEqual([
      'failed pf anchor: match in log (matches) on em0 all also logs what anchor "f2b/*" after it drops: banned hosts go on filling the log'
    ])
  })

  it("are found where fail2ban's own rules are for one protocol, for some ports, or without quick", () => {
    const tcp = "block drop quick proto tcp from <f2b-pfasciilogd> to any"
    expect(faults(`${free}\n${logged}`, { ban: tcp })).toEqual([
      `warning pf anchor: the rules that fail2ban has loaded into f2b/pfasciilogd do not drop all of udp, icmp, ipv6-icmp: ${tcp}`
    ])
    const port = "block drop quick proto tcp from <f2b-pfasciilogd> to any port = ssh"
    expect(faults(`${free}\n${logged}`, { ban: port })).toEqual([
      expect.stringContaining("do not drop all of tcp, udp")
    ])
    const slow = "block drop from <f2b-pfasciilogd> to any"
    const pass = "pass in on em0 proto tcp from any to any port = http flags S/SA keep state"
    expect(faults(`${logged}\n${free}\n${pass}`, { ban: slow })).toEqual([
      `failed pf anchor: banned hosts get in through ${pass}, which overrules a ban without quick`
    ])
  })

  it("are found where a translation takes packets past the filter rules", () => {
    const rdr = "rdr pass on em0 inet proto tcp from any to any port = http -> 10.0.0.2 port 8080"
    expect(faults(`${free}\n${logged}`, { translation: rdr })).toEqual([
      `failed pf rdr: banned hosts get in through ${rdr}, which skips the filter rules, anchors included`
    ])
    const nested = { translation: 'rdr-anchor "jails/*" all', translationAnchors: { "jails/web": rdr } }
    expect(faults(`${free}\n${logged}`, nested)).toHaveLength(1)
    const right = [
      "rdr on em0 inet proto tcp from any to any port = http -> 10.0.0.2 port 8080",
      "rdr pass on em1 inet proto tcp from any to any port = http -> 10.0.0.2 port 8080",
      "rdr pass on em0 inet proto tcp from <friends> to any port = http -> 10.0.0.2",
      "rdr pass on lo0 inet proto tcp from any to any port = smtp -> 127.0.0.1 port 8025",
      `no rdr on em0 inet proto tcp all\n${rdr}`,
      "nat on em0 inet from 10.0.0.0/8 to any -> (em0) round-robin"
    ]
    for (const translation of right) expect(faults(`${free}\n${logged}`, { translation })).toEqual([])
  })
})

describe("rules that log", () => {
  it("count where a match logs what later rules match", () => {
    expect(faults(`${free}\nmatch in log (all, matches) all\nblock drop in on em0 all`)).toEqual([])
    expect(faults(`${free}\nmatch in log (matches, to pflog1) all\nblock drop in on em0 all`)).toEqual([
      "failed pf log: rules log to pflog1 only"
    ])
    expect(faults(`${free}\nmatch in log all\nblock drop in on em0 all`)).toEqual([
      "warning pf log: rules that pass log to pflog0, but no rule that blocks does"
    ])
  })

  it("don't count where they block outgoing packets only", () => {
    expect(faults(`${free}\nblock drop out log all\nblock drop in all`)).toEqual([
      "warning pf log: only rules that block outgoing packets log to pflog0: nobody gets banned for those"
    ])
  })

  it("count inside anchors", () => {
    expect(faults(`${free}\nanchor "mine" all`, { anchors: { mine: "block drop in log on em0 all" } })).toEqual([])
    expect(faults(`${free}\nanchor on em0 all {\n  block drop in log all\n}`)).toEqual([])
  })
})
