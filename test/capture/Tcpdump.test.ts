import * as Command from "@effect/platform/Command"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Source, type TcpdumpOptions, tcpdumpArguments, tcpdumpCommand } from "../../src/capture/Tcpdump.ts"
import { temporaryFolder } from "../support/Descriptors.ts"
import { executor } from "../support/Fakes.ts"
import { fakeTcpdump } from "../support/faults/Daemon.ts"

const options: TcpdumpOptions = {
  tcpdump: "tcpdump",
  user: "nobody",
  expression: "",
  decoder: "text",
  snapshotLength: 256
}
const pflog: Source = { _tag: "Interface", name: "pflog0" }
const saved: Source = { _tag: "File", path: "/tmp/saved.pcap" }

const lineOf = (changes: Partial<TcpdumpOptions>, source: Source, isRoot: boolean) =>
  tcpdumpArguments({ ...options, ...changes }, source, isRoot).join(" ")

describe("tcpdumpArguments", () => {
  it("becomes another user on an interface as root", () => {
    expect(lineOf({}, pflog, true)).toBe("-Z nobody -tt -l -e -n -S -s 256 -i pflog0")
  })

  it.each([
    ["we aren't root", {}, pflog, false],
    ["a saved capture is read, for whose reading the user may lack the right", {}, saved, true],
    ["no user is configured", { user: "" }, pflog, true]
  ] as const)("stays the user that it is where %s", (_, changes, source, isRoot) => {
    expect(lineOf(changes, source, isRoot)).not.toContain("-Z")
  })

  it("reads a saved capture, or standard input", () => {
    expect(lineOf({}, saved, false)).toBe("-tt -l -e -n -S -r /tmp/saved.pcap")
    expect(lineOf({}, { _tag: "File", path: "-" }, false)).toBe("-tt -l -e -n -S -r -")
  })

  it("hands the packets themselves to the packet decoder, one by one", () => {
    expect(lineOf({ decoder: "packet" }, pflog, false)).toBe("-U -w - -s 256 -i pflog0")
  })

  it("puts the expression, as one argument, where it can't be taken for an option", () => {
    const expression = "-w /etc/passwd or not port 22"
    expect(tcpdumpArguments({ ...options, expression }, pflog, false).slice(-2)).toEqual(["--", expression])
  })
})

describe("tcpdumpCommand", () => {
  it.scopedLive("gives tcpdump PATH and LC_ALL, and nothing else of our environment", () =>
    Effect.gen(function* () {
      const tcpdump = fakeTcpdump(yield* temporaryFolder, "exec /usr/bin/env")
      process.env["SECRET_OF_OURS"] = "secret"
      yield* Effect.addFinalizer(() => Effect.sync(() => delete process.env["SECRET_OF_OURS"]))
      const lines = yield* Command.lines(tcpdumpCommand({ ...options, tcpdump }, saved))
      // The shell that runs the stand-in adds these of its own.
      const names = lines.map((line) => line.split("=")[0]).filter((name) => !/^(PWD|OLDPWD|SHLVL|_)$/.test(name ?? ""))
      expect(names.toSorted()).toEqual(["LC_ALL", "PATH"])
      expect(lines.find((line) => line.startsWith("PATH="))).toMatch(/[=:]\/usr\/sbin(:|$)/)
      expect(lines).toContain("LC_ALL=C")
    }).pipe(Effect.provide(executor))
  )

  it.scopedLive("starts the program without a shell: no argument is read as shell text", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const tcpdump = fakeTcpdump(folder, `for argument; do printf '%s\\n' "$argument"; done`)
      const expression = `host 192.0.2.1; touch ${folder}/x $(id) \`id\` | cat > y`
      const lines = yield* Command.lines(tcpdumpCommand({ ...options, tcpdump, expression }, pflog))
      expect(lines.at(-1)).toBe(expression)
    }).pipe(Effect.provide(executor))
  )
})
