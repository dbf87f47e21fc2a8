import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Source, TcpdumpOptions } from "../../src/capture/Tcpdump.ts"
import { refusedOptions, tryCommand, UsageReader } from "../../src/capture/TcpdumpUsage.ts"
import { fakeTcpdump } from "../support/Daemon.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

const tcpdumpOrg = `Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]`

const tcpdump3 = `Usage: tcpdump [-aAdDeflLnNOpqRStuUvxX] [-c count] [ -C file_size ]
\t\t[ -E algo:secret ] [ -F file ] [ -i interface ] [ -M secret ]
\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ -w file ]
\t\t[ -W filecount ] [ -y datalinktype ] [ -Z user ]
\t\t[ expression ]`

const openbsd = `Usage: tcpdump [-AadefILlNnOopqStvXx] [-B fildrop] [-c count] [-D direction]
\t       [-E [espalg:]espkey] [-F file] [-i interface] [-r file]
\t       [-s snaplen] [-T type] [-w file] [-y datalinktype] [expression]`

const openbsdTcpdump = path.resolve("test/fixtures/openbsd/tcpdump")

const options: TcpdumpOptions = {
  tcpdump: openbsdTcpdump,
  user: "nobody",
  expression: "",
  snapshotLength: 256,
  kernelBuffer: 65_536
}
const pflog: Source = { _tag: "Interface", name: "pflog0" }

describe("refusedOptions", () => {
  it.each([
    ["tcpdump.org's tcpdump takes all", tcpdumpOrg, []],
    ["an old one knows no immediate mode and no buffer", tcpdump3, ["-B", "--immediate-mode"]],
    ["OpenBSD's takes none, and has another -B", openbsd, ["-Z", "-U", "-B", "--immediate-mode"]]
  ] as const)("%s", (_, usage, refused) => {
    expect([...refusedOptions(usage)].toSorted()).toEqual(refused.toSorted())
  })
})

describe("UsageReader", () => {
  it("takes the usage, and leaves what is said before it", () => {
    const reader = new UsageReader()
    const lines = ["tcpdump: illegal option -- Z", "tcpdump version 4.9.3", ...tcpdump3.split("\n")]
    expect(lines.filter((line) => !reader.take(line))).toEqual(lines.slice(0, 2))
    expect(reader.refused).toContain("--immediate-mode")
  })

  it("knows of no refused option where nothing was refused", () => {
    const reader = new UsageReader()
    expect(reader.take("tcpdump: pflog0: No such device exists")).toBe(false)
    expect(reader.refused.size).toBe(0)
  })
})

describe("tryCommand", () => {
  it.live("finds the command line that OpenBSD's tcpdump takes", () =>
    Effect.gen(function* () {
      const tried = yield* tryCommand(options, pflog, true)
      expect(tried.arguments.join(" ")).toBe("-s 256 -i pflog0 -w -")
      expect(tried.answer).toMatchObject({ _tag: "Ended", status: 0 })
      expect(tried.refused).toContain("-Z")
    })
  )

  it.scopedLive("gives tcpdump.org's tcpdump the whole command line, once", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const tcpdump = fakeTcpdump(folder, `echo "$@" >>${folder}/tries; cat ${folder}/tries`)
      const { answer } = yield* tryCommand({ ...options, tcpdump }, pflog, true)
      expect(answer).toMatchObject({ stdout: "-d -Z nobody -U --immediate-mode -B 64 -s 256 -i pflog0 -w -\n" })
    })
  )

  it.scopedLive("says what is wrong where no option is the reason", () =>
    Effect.gen(function* () {
      const tcpdump = fakeTcpdump(yield* temporaryFolder, `echo "tcpdump: pflog0: No such device exists" >&2; exit 1`)
      const { answer } = yield* tryCommand({ ...options, tcpdump }, pflog, true)
      expect(answer).toMatchObject({ status: 1, stderr: expect.stringContaining("No such device") })
    })
  )
})
