import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { presentCapture } from "../support/captures/PresentCapture.ts"
import { tcp, udp } from "../support/captures/Segment.ts"
import { program } from "../support/Daemon.ts"
import { temporaryFolder } from "../support/PerTest.ts"

// Each run of the program blocks the event loop: vitest gives a worker up that stays silent for a minute.
afterEach(() => new Promise((turn) => setImmediate(turn)))

const issuePattern = "rule \\d/\\d\\(match\\): block in on \\w+: <HOST>\\.\\d+"

const stamp = "2026-11-22T06:16:54.507027+01:00"
const syn = "41854 > 10.0.0.1.6379: Flags [S], seq 1, win 1024, length 0"

/** One line of each kind that patterns stumble over. */
const sevenLines = [
  `rule 1/0(match): block in on em0: 1.2.3.4.${syn}`,
  `rule 17/0(match): block in on em0: 1.2.3.5.${syn}`,
  "rule 1/0(match): block in on em0: 1.2.3.4 > 10.0.0.1: ICMP echo request, id 1, seq 1, length 64",
  "rule 1/0(match): block in on em0: 2001:db8::1.4444 > 2001:db8::2.22: Flags [S], seq 1, win 1024, length 0",
  `rule 1/0(match): block in on vtnet0.10: 1.2.3.6.${syn}`,
  "rule 17/0(match): block in on em0: 1.2.3.7.41854 > 10.0.0.1.80: Flags [P.], seq 1:60, ack 1, win 512, length 59: HTTP: GET /rule 1/0(match): block in on em0: 8.8.8.8.53",
  "rule 1/0(match): block in on em0: 2001:db8::1 > 2001:db8::2: ICMP6, echo request, id 1, seq 1, length 64"
].map((line) => `${stamp} ${line}\n`)

const logOf = (lines: ReadonlyArray<string>): string => {
  const file = path.join(temporaryFolder(), "pf.log")
  fs.writeFileSync(file, lines.join(""))
  return file
}

const testPattern = (options: ReadonlyArray<string>, input?: string | Buffer) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "test-pattern", ...options], {
    encoding: "utf8",
    ...(input === undefined ? {} : { input })
  })
  return { status, stdout, stderr }
}

const jsonOf = (options: ReadonlyArray<string>, input?: string | Buffer) => {
  const { status, stdout, stderr } = testPattern(["--json", ...options], input)
  expect(stderr).toBe("")
  return { status, ...JSON.parse(stdout) }
}

describe("pfasciilogd test-pattern", () => {
  it("tells the matches that are right, the wrong hosts and what is missed, and exits 1 for an unsound pattern", () => {
    const report = jsonOf(["--pattern", issuePattern, logOf(sevenLines)])
    expect(report).toMatchObject({
      status: 1,
      sound: false,
      lines: 7,
      entries: 7,
      matched: 4,
      wrongHost: 2,
      missed: 3,
      ignored: 0
    })
    expect(report.missedByKind).toEqual({ ICMP: 1, "other interfaces": 1, "other rules": 1 })
    expect(report.examples[0]).toMatchObject({ kind: "wrong host", names: "1.2.3, which is 1.2.0.3" })
    expect(report.audit.some((finding: { injected: boolean }) => finding.injected)).toBe(true)
  })

  it("finds the shipped filter sound in every mode", () => {
    const report = jsonOf([logOf(sevenLines)])
    expect(report).toMatchObject({ status: 0, sound: true, wrongHost: 0, notBlocked: 0, audit: [] })
    expect(report.patterns.map(({ matched }: { matched: number }) => matched)).toEqual([6, 4, 7])
    expect(testPattern([]).status).toBe(0)
  })

  it("tells which of the missed packets are probes, and which of the matched ones are none", () => {
    const log = logOf(
      [
        `1.2.3.4.${syn}`,
        "1.2.3.5 > 10.0.0.1: ICMP echo request, id 1, seq 1, length 64",
        "1.2.3.6.53 > 10.0.0.1.50000: 1234 NXDomain 0/1/0 (97)",
        "1.2.3.7 > 10.0.0.1: ICMP 10.0.0.1 udp port 53 unreachable, length 36",
        "1.2.3.8.443 > 10.0.0.1.50000: Flags [R.], seq 1, ack 1, win 0, length 0",
        "127.0.0.1.50000 > 10.0.0.1.22: Flags [S], seq 1, win 1024, length 0"
      ].map((packet) => `${stamp} rule 1/0(match): block in on em0: ${packet}\n`)
    )
    expect(jsonOf(["--filter", "fail2ban/filter.d/pfasciilogd.conf", log])).toMatchObject({
      status: 0,
      matched: 2,
      noProbe: 0,
      missed: 4,
      missedProbes: 0,
      missedByKind: {
        "UDP answer or chatter": 1,
        "ICMP without a request": 1,
        "late TCP": 1,
        "impossible source": 1
      }
    })
    const ports = ["--pattern", "^ rule \\S+: block in on \\S+: <ADDR>\\.\\d+ > \\S+: ", log]
    expect(jsonOf(ports)).toMatchObject({ matched: 4, noProbe: 3, missed: 2, missedProbes: 1 })
    const { stdout } = testPattern(ports)
    expect(stdout).toContain("it does not match 2 blocked packets, 1 of which can be probes; it counts 3 packets that")
    expect(stdout).toMatch(/^ {2}of them no probe +3$/m)
    expect(stdout).toMatch(/^ {2}of them probes +1$/m)
  })

  it("shows a line for each kind of fault, with the part that matched, whom it names and what is true", () => {
    const { stdout } = testPattern(["--pattern", issuePattern, logOf(sevenLines)])
    expect(stdout).toContain(`${stamp} {{rule 1/0(match): block in on em0: 1.2.3.4}} > 10.0.0.1: ICMP`)
    expect(stdout).toContain("names 1.2.3, which is 1.2.0.3")
    expect(stdout).toContain("truth blocked in, from 1.2.3.4")
    expect(stdout).toMatch(/Unsound: .*\.\n$/)
    expect(stdout).not.toContain("\u001b")
  })

  it("constructs a packet that fools a pattern which is right on the log at hand", () => {
    for (const pattern of [
      "^\\s*rule .*: block in on .*: <ADDR>\\.\\d+ > ",
      "^ rule \\d+/0\\(match\\): block in on em0: .*<ADDR>\\.\\d+ > \\S+: Flags \\[S\\]",
      "block in on \\w+: <ADDR>\\.\\d+ > \\S+: Flags \\[S\\]"
    ]) {
      const report = jsonOf(["--pattern", pattern, logOf(sevenLines.slice(0, 2))])
      expect(report).toMatchObject({ status: 1, matched: 2, wrongHost: 0 })
      const [finding] = report.audit
      expect(finding).toMatchObject({ injected: true })
      expect(finding.names).toMatch(/3\.0\.113\.66|2001:db8:66::66/)
    }
  })

  it("finds a pattern sound that is anchored up to the address and behind it", () => {
    const pattern = "^\\s*rule \\d+/0\\(match\\): block in on \\w+: <ADDR>(?:\\.\\d+)? > \\S+: "
    expect(jsonOf(["--pattern", pattern, logOf(sevenLines)])).toMatchObject({ status: 0, matched: 6, missed: 1 })
  })

  it("counts matches of packets that passed, went out, or are none", () => {
    const lines = [
      `${stamp} rule 1/0(match): pass in on em0: 1.2.3.4.${syn}\n`,
      `${stamp} rule 1/0(match): block out on em0: 1.2.3.4.${syn}\n`,
      `${stamp} tcpdump[7]: 02:02:02:02:02:02 > 01:01:01:01:01:01: on em0: 1.2.3.4.${syn}\n`
    ]
    const report = jsonOf(["--pattern", "on em0: <ADDR>\\.\\d+", logOf(lines)])
    expect(report).toMatchObject({ status: 1, matched: 3, notBlocked: 3, missed: 0 })
    expect(report.examples.map(({ kind }: { kind: string }) => kind)).toEqual(["passed", "outbound", "no packet"])
  })

  it("has nothing to judge by in a log without a packet, and exits 66 with the reason", () => {
    const chatter = Array.from({ length: 30 }, (_, index) => `Jan  5 10:00:00 gate sshd[${index}]: Connection closed\n`)
    for (const lines of [[], chatter]) {
      const report = jsonOf([logOf(lines)])
      expect(report).toMatchObject({ status: 66, sound: false, lines: lines.length, entries: 0, unrecognised: 0 })
      expect(report.verdict).toMatch(/^Nothing to judge by: /)
      const { status, stdout } = testPattern(["--pattern", "from <ADDR>", logOf(lines)])
      expect({ status, sound: stdout.includes("Sound") }).toEqual({ status: 66, sound: false })
    }
  })

  it("counts and shows lines that look like pf's and are of a form that it does not know, and never says sound of them", () => {
    const unknown = sevenLines.map((line) => line.replace(stamp, "%%gate|pf|2026%%"))
    const csv =
      "Jan  5 10:00:00 gate filterlog[7]: 5,,,1000000103,em0,match,block,in,4,0x0,,64,1,0,none,6,tcp,40,192.0.2.1,192.0.2.2,1,22,0,S\n"
    for (const lines of [unknown, [csv]]) {
      const report = jsonOf(["--pattern", issuePattern, logOf(lines)])
      expect(report).toMatchObject({ status: 66, sound: false, entries: 0, unrecognised: lines.length, notBlocked: 0 })
      expect(report.verdict).toMatch(/^Nothing to judge by: .*of an unknown form\.$/)
      expect(report.examples).toEqual([expect.objectContaining({ kind: "unrecognised", line: lines[0]?.trimEnd() })])
    }
    const some = testPattern([logOf([...sevenLines, ...unknown])])
    expect(some).toMatchObject({ status: 0, stderr: "" })
    expect(some.stdout).toContain("not recognised      7")
    expect(some.stdout).toContain("Like pf's, but not recognised, so not judged:")
    expect(some.stdout).toContain("%%gate|pf|2026%% rule 1/0(match): block in on em0")
    expect(some.stdout).toContain("not judged: 7 lines like pf's, of an unknown form")
  })

  it("does not take what a notice quotes, or an indented line, for a line that it fails to recognise", () => {
    const quoted = [
      ...sevenLines,
      `${stamp} tcpdump[7]: GET /rule 1/0(match): block in on em0: 1.2.3.4.${syn}\n`,
      `\tGET /rule 1/0(match): block in on em0: 1.2.3.4.${syn}\n`
    ]
    expect(jsonOf([logOf(quoted)])).toMatchObject({ status: 0, lines: 9, entries: 7, unrecognised: 0 })
  })

  it("judges several patterns each and together", () => {
    const four = "^ rule \\S+: block in on \\S+: <IP4>(?:\\.\\d+)? > "
    const six = "^ rule \\S+: block in on \\S+: <IP6>(?:\\.\\d+)? > "
    const report = jsonOf(["--pattern", four, "--pattern", six, logOf(sevenLines)])
    expect(report.patterns.map(({ matched }: { matched: number }) => matched)).toEqual([5, 2])
    expect(report).toMatchObject({ status: 0, matched: 7, missed: 0 })
  })

  it("reads standard input, logs of the Python tool and of syslog, and several files", () => {
    const pattern = ["--pattern", "rule \\d+/0\\(match\\): block in on [\\w.]+: <IP4>\\.41854 > "]
    expect(jsonOf([...pattern, "-"], sevenLines.join(""))).toMatchObject({ matched: 4, entries: 7 })
    const python = logOf(sevenLines.map((line) => line.replace("+01:00", "")))
    const syslog = logOf(sevenLines.map((line) => line.replace(stamp, "Nov 22 06:16:54 fw pf[77]:")))
    expect(jsonOf([...pattern, python, syslog])).toMatchObject({ matched: 8, entries: 14, lines: 14 })
  })

  it("reads a capture of pflogd through tcpdump, from a file and from standard input", () => {
    const us = "198.51.100.9"
    const capture = presentCapture([
      { source: "192.0.2.1", destination: us, segment: tcp({ ports: [1, 22], flags: "S" }) },
      { source: "192.0.2.2", destination: us, segment: udp([1, 53]) },
      { source: "192.0.2.3", destination: us, segment: tcp({ ports: [1, 22], flags: "." }) }
    ])
    const file = path.join(temporaryFolder(), "pflog")
    fs.writeFileSync(file, capture)
    for (const report of [jsonOf([file]), jsonOf(["-"], capture)]) {
      expect(report).toMatchObject({ status: 0, lines: 3, entries: 3 })
      expect(report.patterns.map(({ matched }: { matched: number }) => matched)).toEqual([2, 1, 3])
    }
  })

  it("reads an own filter with parameters", () => {
    const filter = path.join(temporaryFolder(), "mine.conf")
    fs.writeFileSync(
      filter,
      "[Definition]\nfailregex = ^ rule \\S+: block in on <where>: <ADDR>\\.\\d+ > \n[Init]\nwhere = em0\n"
    )
    expect(jsonOf(["--filter", `${filter}[where="vtnet\\S+"]`, logOf(sevenLines)])).toMatchObject({
      status: 0,
      matched: 1
    })
    expect(jsonOf(["--filter", filter, logOf(sevenLines)])).toMatchObject({ matched: 4 })
  })

  it("tells misuse and what can't be read, with the construct and its place, and the exit status of sysexits", () => {
    const log = logOf(sevenLines)
    const failures = [
      [64, ["--pattern", "<ADDR>a++", log], 'possessive quantifier "\\+\\+", at character'],
      [64, ["--pattern", "(<ADDR>)(?(1)a|b)", log], 'conditional "\\(\\?\\(...\\)yes\\|no\\)", at character'],
      [64, ["--pattern", "<ADDR>(", log], "missing \\), unterminated group"],
      [64, ["--pattern", "no host", log], "no <ADDR>, <HOST> or <F-ID>"],
      [64, ["--colour", log], "--colour"],
      [66, ["--filter", "no-such-filter", log], "no file of that name"],
      [66, [path.join(temporaryFolder(), "no.log")], "cannot be read"],
      [66, [temporaryFolder()], "cannot be read"]
    ] as const
    for (const [expected, options, message] of failures) {
      const { status, stdout, stderr } = testPattern(options)
      expect({ status, stdout }).toEqual({ status: expected, stdout: "" })
      expect(stderr).toMatch(new RegExp(message))
      expect(stderr.trimEnd()).not.toContain("\n")
    }
    const capture = path.join(temporaryFolder(), "pflog")
    fs.writeFileSync(capture, presentCapture([{ source: "192.0.2.1", destination: "192.0.2.2", segment: udp([1, 2]) }]))
    expect(testPattern(["--tcpdump", "/nonexistent/tcpdump", capture]).status).toBe(69)
  })
})
