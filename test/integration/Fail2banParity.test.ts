import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type FilterDefinition, patternFilter, readFilter } from "../../src/fail2ban/filter/FilterFile.ts"
import { FilterJudge } from "../../src/fail2ban/judge/FilterJudge.ts"
import { type FilterMatcher, makeMatcher } from "../../src/fail2ban/match/Matcher.ts"
import { writeCapture } from "../support/captures/CaptureFile.ts"
import { capturePackets, requestFromFlags } from "../support/captures/CaptureRequest.ts"

const run = promisify(execFile)
const bigOutput = { maxBuffer: 1 << 28 }
const shipped = path.resolve("fail2ban/filter.d/pfasciilogd.conf")

let folder = ""
const logs = new Map<string, string>()

/** The lines of hostile packets, as each kind of log writes them. */
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-parity-"))
  const pcap = path.join(folder, "hostile.pcap")
  const request = requestFromFlags(["hostile"], { packets: "800", seed: "7", out: pcap })
  writeCapture(capturePackets(request), request.format, request.target)
  const { stdout } = await run("tcpdump", ["-tt", "-e", "-n", "-S", "-r", pcap], { ...bigOutput, encoding: "latin1" })
  const packets = stdout.split("\n").filter((line) => /^\d+\.\d+ rule /.test(line))
  const bare = packets.map((line) => line.replace(/^\S+ /, ""))
  const log = (name: string, lines: ReadonlyArray<string>) => {
    const file = path.join(folder, `${name}.log`)
    fs.writeFileSync(file, Buffer.from(`${lines.join("\n")}\n`, "latin1"))
    logs.set(name, file)
  }
  log("own", [
    "# a comment",
    "",
    ...bare.map((line) => `2026-11-22T06:16:54.507027+01:00 ${line.replace(/[^ -~]/g, "?")}`),
    "2026-11-22T06:16:55.000001+01:00 pfasciilogd[4711]: started tcpdump[4712]",
    "2026-11-22T06:16:55.000001+01:00 tcpdump[4712]: listening on pflog0"
  ])
  log("tcpdump", packets)
  log(
    "syslog",
    bare.map((line) => `Nov 22 06:16:54 fw pf[77]: ${line}`)
  )
  log(
    "python",
    bare.map((line) => `2026-11-22T06:16:54.507027 ${line}`)
  )
  log(
    "utf8",
    bare.slice(0, 200).map((line) => `2026-11-22T06:16:54 ${line} \u00c3\u00a9\u00d9\u00a1 \u00ff`)
  )
})

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true })
})

const realCount = async (pattern: string, log: string): Promise<number> => {
  const { stdout } = await run("fail2ban-regex", ["--print-no-missed", "--print-no-ignored", log, pattern], bigOutput)
  return Number(/, (\d+) matched,/.exec(stdout)?.[1])
}

/** The numbers of lines that each of several patterns matches: fail2ban-regex counts them one by one in one run. */
const realCounts = async (all: ReadonlyArray<string>, log: string): Promise<ReadonlyArray<number>> => {
  const filter = path.join(folder, "all-patterns.conf")
  fs.writeFileSync(filter, `[Definition]\nfailregex = ${all.join("\n  ").replaceAll("%", "%%")}\n`)
  const { stdout } = await run("fail2ban-regex", ["--print-no-missed", "--print-no-ignored", log, filter], bigOutput)
  const counts = new Map(
    [...stdout.matchAll(/^\| +(\d+)\) \[(\d+)\]/gm)].map(([, index, count]) => [Number(index), Number(count)])
  )
  return all.map((_, index) => counts.get(index + 1) ?? 0)
}

/** How many lines each filter matches by our account. */
const ourCounts = (matchers: ReadonlyArray<FilterMatcher>, log: string): ReadonlyArray<number> => {
  const judge = new FilterJudge(matchers)
  for (const line of fs.readFileSync(log, "latin1").split("\n")) judge.line(line)
  return judge.results().map(({ matched }) => matched)
}

const matcherOf = (definition: FilterDefinition): FilterMatcher => Either.getOrThrow(makeMatcher(definition))

const patterns: ReadonlyArray<string> = [
  "rule \\d/\\d\\(match\\): block in on \\w+: <ADDR>\\.\\d+",
  "^\\s*rule \\S+: block in on \\S+: <ADDR>(?:\\.\\d+)? > ",
  "block in on .*: <IP4>\\.\\d+ > \\S+: Flags \\[S\\]",
  "(?i)BLOCK (?P<way>in|out) .*<IP6>(?:\\.\\d{1,5})? >",
  "^ rule (?:(?!pass|rdr).)*? block in on (?P<if>[a-z]+\\d*)[^:]*: <ADDR>\\.(?P<port>\\d+) > [^ ]+\\.(?P=port): ",
  '\\bUDP, length [1-9]\\d*$(?<=\\d)|rule.*block in.*: <ADDR>.* RRQ "',
  "(?x)^ \\s* rule \\s \\S+ \\s block \\s in .* <SUBNET>  # verbose",
  "<F-ID>\\S+</F-ID> > \\S+: ICMP6?,?\\s",
  "^.*\\[?<ADDR>\\]?\\.53 > .*\\Z",
  "pf\\[\\d+\\]: rule \\d+/\\d+\\(\\w+\\): block in on [^:]+: <ADDR>\\b",
  "^\\d{10}?\\.?\\d* ?rule .* in on .*?: <IP6>\\W",
  "\\w+ \\xe9\\u0661 .$|<ADDR>\\s>\\s[\\w.:]+:\\sICMP",
  "<ADDR>\\.\\d+ > .* \\u00e9\\d \\S$"
]

describe("test-pattern counts matches as the real fail2ban-regex does", () => {
  it.each(["own", "tcpdump", "syslog", "python", "utf8"])("for patterns, on a log of kind %s", async (kind) => {
    const log = logs.get(kind) ?? ""
    const ours = ourCounts(
      patterns.map((pattern) => matcherOf(patternFilter(pattern))),
      log
    )
    expect(ours).toEqual(await realCounts(patterns, log))
    expect(Math.max(...ours)).toBeGreaterThan(0)
  })

  it("for filter files with all that they may hold", async () => {
    const write = (name: string, text: string) => {
      const file = path.join(folder, name)
      fs.writeFileSync(file, text)
      return file
    }
    write("common-head.inc", "[DEFAULT]\n_head = rule \\S+: \n[Definition]\nfailregex = never <ADDR>\n_way = out\n")
    const rich = write(
      "rich.conf",
      [
        "[INCLUDES]",
        "before = common-head.inc",
        "[Definition]",
        "; a comment",
        "_way = in ; another",
        "prefregex = ^ %(_head)sblock <way> on <F-CONTENT>.+</F-CONTENT>$",
        "failregex = ^[^:]+: <ADDR>\\.\\d+ > \\S+: <flags-<mode>>",
        "            ^[^:]+: <HOST>(?= > ):?",
        "",
        "            ^<F-ALT_USER>x</F-ALT_USER><ADDR>",
        "flags-strict = Flags \\[S\\]",
        "flags-loose = (?:Flags|UDP)",
        "mode = strict",
        "ignoreregex = 2a01:",
        "              :\\sICMP",
        "datepattern = ^%%Y-%%m-%%dT%%H:%%M:%%S\\.%%f(?:%%z)?",
        "[Init]",
        "way = %(_way)s",
        "_way = in"
      ].join("\n")
    )
    const after = write("rich.local", "[Definition]\nmode = loose\nflags-loose = %(known/flags-loose)s|unused\n")
    expect(fs.existsSync(after)).toBe(true)
    const requests = [
      rich,
      `${rich}[mode=strict]`,
      `${rich}[way="out", mode='loose']`,
      shipped,
      `${shipped}[mode=aggressive]`
    ]
    const definitions = await Promise.all(
      requests.map((request) => Effect.runPromise(readFilter(request).pipe(Effect.provide(NodeContext.layer))))
    )
    const matchers = definitions.map(matcherOf)
    for (const kind of ["own", "python", "syslog"]) {
      const log = logs.get(kind) ?? ""
      const real = await Promise.all(requests.map((request) => realCount(request, log)))
      expect(ourCounts(matchers, log)).toEqual(real)
    }
  })
})
