import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { countsInMode, filterModes } from "../../src/decode/Probe.ts"
import { decodeLine } from "../../src/decode/text/TextDecoder.ts"

const filterFile = resolve("fail2ban/filter.d/pfasciilogd.conf")

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fail2ban-forms-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const pf = "rule 4/0(match): block in on em0:"
const openbsd = "rule 4/(match) block in on vio0:"
const six = "2001:db8::7 > 2001:db8::9:"
const flags = "Flags [S], seq 1, win 1024, length 0"

/** Forms of lines that few tcpdumps write, each with a source of its own. */
const forms: ReadonlyArray<string> = [
  `${openbsd} 192.0.2.1.53010 > 198.51.100.9.53:[|domain]`,
  `${openbsd} 2001:db8::7.54600 > 2001:db8::9.547:dhcp6 solicit [hlim 1]`,
  `${openbsd} 192.0.2.2.4711 > 198.51.100.9.22: FS [bad hdr length] (DF)`,
  `${openbsd} ${six} HBH multicast listener report v2, 1 group record(s) [hlim 1]`,
  `${openbsd} 192.0.2.66.1 > 198.51.100.9.22: S 1:1(0) win 5 (DF) (encap) [flowlabel 0x1]`,
  `${openbsd} 192.0.2.66.1 > 198.51.100.9.22: S 1:1(0) win 5 (DF) (encap) [class 0x3] [hlim 1]`,
  `${openbsd} etherip 192.0.2.3 > 198.51.100.9 ver 3 len 84: 192.0.2.66 > 192.0.2.67: icmp: echo request`,
  `${openbsd} esp 192.0.2.4 > 198.51.100.9[|esp]`,
  `rule 4/(match) [uid 0, pid 7] block in on vio0: [uid 1001, pid 77] [rewritten: src 192.0.2.66:5, dst 192.0.2.67:80] 192.0.2.5.4711 > 198.51.100.9.22: S 1:1(0) win 5`,
  `${pf} [uid 1001] 192.0.2.6.4711 > 198.51.100.9.22: ${flags}`,
  `${pf} ${six} RT6 (len=2, type=0 [Deprecated], segleft=1, [0]2001:db8::66) 4711 > 22: ${flags}`,
  `${pf} ${six} RT6 (len=2, type=0 [Deprecated], segleft=1, [0]2001:db8::66) 4711 > 22: Flags [R.], seq 1`,
  `${pf} ${six} HBH truncated-ip6 - 70000 bytes missing!4711 > 22:  [|tcp]`,
  `${pf} ${six} HBH truncated-ip6 - 70000 bytes missing!4711 > 22: ${flags}`,
  `${pf} ${six} HBH truncated-ip6 - 70000 bytes missing!4711 > 22: Flags [.], ack 1`,
  `${pf} ${six} HBH [header+payload length 70040 > length 64] (invalid) 4711 > 22: Flags [R], seq 1`,
  `${pf} ${six} HBH (rtalert: 0x0000) (padn) 4711 > 22: Flags [.], ack 1`,
  `${pf} ${six} HBH (rtalert: 0x0000) (padn)DSTOPT (padn) 4711 > 22: Flags [.], ack 1`,
  `${openbsd} ${six} srcrt (len=2, type=0, segleft=1, [0]2001:db8::66)4711 > 22: . ack 1 win 5`,
  `${pf} ${six} HBH (rtalert: 0x0000) (padn)DSTOPT (homeaddr: 2001:db8::66) 4711 > 22: ${flags}`,
  `${pf} (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto: TCP (6), length: 40) 192.0.2.7.4711 > 198.51.100.9.22: S 1:1(0) win 512`,
  `${pf} (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto UDP (17), length 68, options (RR 192.0.2.66, 192.0.2.67^,EOL), bad cksum 0 (->ab12)!) 192.0.2.8.4711 > 198.51.100.9.53: UDP, length 40`,
  `${pf} (flowlabel 0x12345, hlim 64, next-header TCP (6) payload length: 40) 2001:db8::8.4711 > 2001:db8::9.22: ${flags}`,
  `${pf} truncated-ip - 20 bytes missing! (tos 0x0, ttl 64, id 7, offset 0, flags [none], proto ICMP (1), length 84) 192.0.2.9 > 198.51.100.9: ICMP echo request, id 1, seq 1, length 64`,
  `${pf} [total length 60 > length 40] (invalid) 192.0.2.10.4711 > 198.51.100.9.22: ${flags}`
].map((text) => `2026-11-22T06:16:54.507027+01:00 ${text}`)

/** Whom the real fail2ban-regex names with the shipped filter, line by line. */
const named = (mode: string): ReadonlyArray<string | undefined> =>
  forms.map((line) => {
    const log = join(folder, "pf.log")
    writeFileSync(log, `${line}\n`)
    const host = execFileSync("fail2ban-regex", ["-o", "id", log, `${filterFile}[mode=${mode}]`], { encoding: "utf8" })
    return host.trim() === "" ? undefined : host.trim()
  })

describe("lines of old tcpdumps, of OpenBSD's and of -v", () => {
  it.each(filterModes)("count for the real fail2ban-regex just where the decoder says so, in mode %s", (mode) => {
    const expected = forms.map((line) => {
      const entry = decodeLine(line)
      return entry !== undefined && countsInMode(entry, mode) ? entry.source?.address : undefined
    })
    const hosts = named(mode)
    expect(forms.map((line, index) => [hosts[index], line])).toEqual(
      forms.map((line, index) => [expected[index], line])
    )
  })
})
