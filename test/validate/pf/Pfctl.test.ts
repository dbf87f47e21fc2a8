import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { readRules } from "../../../src/validate/pf/Pfctl.ts"
import { PreparedHost } from "../../support/PreparedHost.ts"

const info = "Status: Enabled for 0 days 00:12:31           Debug: Urgent"
const show = "-a f2b/pfasciilogd -t f2b-pfasciilogd -T show"
const banned = "   203.0.113.9\n   2001:db8:bad::1"
const logged = "block drop in log on egress all"

describe("the check of pf", () => {
  it("asks for translations, for the rules of anchors, of those below and of those in them, and for groups", async () => {
    const host = new PreparedHost()
    host.answer("pfctl", {
      "-sr": `anchor "office" all\nanchor "relayd/*" all\nanchor "f2b/*" on em0 all\n${logged}`,
      "-sn": 'rdr-anchor "jails" all',
      "-a office -sr": 'anchor "printers" all\nanchor "office" all',
      "-a office/printers -sr": "pass in from 10.0.0.9 to any flags S/SA keep state",
      "-a relayd -s Anchors": "  relayd/web\n  relayd/mail",
      "-a relayd/web -sr": "pass in quick proto tcp from any to any port = http flags S/SA keep state",
      "-a jails -sn": "rdr pass on em0 inet proto tcp from any to any port = smtp -> 10.0.0.2"
    })
    host.answer("ifconfig", { "-g egress": "em0" })
    const rules = await Effect.runPromise(readRules("pflog0"))
    expect([...(rules?.anchors ?? [])].map(([path, inside]) => [path, inside.length])).toEqual([
      ["office", 2],
      ["relayd/web", 1],
      ["relayd/mail", 0],
      ["office/printers", 1],
      ["office/office", 0]
    ])
    expect([...(rules?.translationAnchors.keys() ?? [])]).toEqual(["jails"])
    expect([...(rules?.groups ?? [])]).toEqual([["egress", ["em0"]]])
  })

  it("ends where anchors call each other in a circle", async () => {
    const host = new PreparedHost()
    host.answer("pfctl", { "-sr": 'anchor "a" all', "-a a -sr": 'anchor "/b" all', "-a b -sr": 'anchor "/a" all' })
    const rules = await Effect.runPromise(readRules("pflog0"))
    expect([...(rules?.anchors.keys() ?? [])]).toEqual(["a", "b"])
    expect(await host.complaints()).toEqual(expect.arrayContaining([expect.stringContaining("skipped pf")]))
  })

  it("tells what lets banned hosts in, with the remedy, wherever it stands", async () => {
    const host = new PreparedHost()
    const rdr = "rdr pass on em0 inet proto tcp from any to any port = smtp -> 10.0.0.2"
    const pass = "pass in quick on em0 proto tcp from any to any port = http flags S/SA keep state"
    host.answer("pfctl", {
      "-s info": info,
      "-sr": `anchor "office" all\nanchor "f2b/*" all\n${logged}`,
      "-sn": rdr,
      "-a office -sr": pass,
      [show]: banned
    })
    expect(await host.complaints()).toEqual([
      `failed pf anchor: banned hosts get in through ${pass}, which decides before anchor "f2b/*"`,
      `failed pf rdr: banned hosts get in through ${rdr}, which skips the filter rules, anchors included`
    ])
  })

  it("judges the rules that fail2ban has loaded for the jail that reads the log", async () => {
    const host = new PreparedHost()
    host.answer("pfctl", {
      "-s info": info,
      "-sr": `anchor "f2b/*" all\n${logged}`,
      "-a f2b/pfasciilogd -sr": "block drop quick proto tcp from <f2b-pfasciilogd> to any",
      [show]: banned
    })
    expect(await host.complaints()).toEqual([
      "warning pf anchor: the rules that fail2ban has loaded into f2b/pfasciilogd do not drop all of udp, icmp, ipv6-icmp: block drop quick proto tcp from <f2b-pfasciilogd> to any"
    ])
  })
})
