import * as Command from "@effect/platform/Command"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import {
  printerCommand,
  type Source,
  type TcpdumpOptions,
  tcpdumpArguments,
  tcpdumpCommand
} from "../../src/capture/Tcpdump.ts"
import { fakeTcpdump } from "../support/Daemon.ts"
import { temporaryFolder } from "../support/Descriptors.ts"
import { executor } from "../support/Fakes.ts"

const options: TcpdumpOptions = {
  tcpdump: "tcpdump",
  user: "nobody",
  expression: "",
  snapshotLength: 256,
  kernelBuffer: 2 * 1024 * 1024
}
const pflog: Source = { _tag: "Interface", name: "pflog0" }
const saved: Source = { _tag: "File", path: "/tmp/saved.pcap" }

const lineOf = (changes: Partial<TcpdumpOptions>, source: Source, isRoot: boolean) =>
  tcpdumpArguments({ ...options, ...changes }, source, isRoot).join(" ")

describe("tcpdumpArguments", () => {
  it("becomes another user on an interface as root", () => {
    expect(lineOf({}, pflog, true)).toBe("-Z nobody -U --immediate-mode -B 2048 -s 256 -i pflog0 -w -")
  })

  it.each([
    ["we aren't root", {}, pflog, false],
    ["a saved capture is read, for whose reading the user may lack the right", {}, saved, true],
    ["no user is configured", { user: "" }, pflog, true]
  ] as const)("stays the user that it is where %s", (_, changes, source, isRoot) => {
    expect(lineOf(changes, source, isRoot)).not.toContain("-Z")
  })

  it("reads a saved capture, or standard input", () => {
    expect(lineOf({}, saved, false)).toBe("-r /tmp/saved.pcap -w -")
    expect(lineOf({}, { _tag: "File", path: "-" }, false)).toBe("-r - -w -")
  })

  it("leaves out what the tcpdump at hand does not take", () => {
    const refused = new Set(["-Z", "-U", "-B", "--immediate-mode"] as const)
    expect(tcpdumpArguments(options, pflog, true, refused).join(" ")).toBe("-s 256 -i pflog0 -w -")
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

describe("printerCommand", () => {
  const argumentsOf = (lineByLine: boolean, refused: ReadonlySet<"-Z"> = new Set()) => {
    const [command] = Command.flatten(printerCommand(options, lineByLine, refused))
    return command.args.join(" ")
  }

  it("prints what comes on standard input, and has no interface", () => {
    expect(argumentsOf(true)).toMatch(/^(-Z nobody )?-tt -l -e -n -S -r -$/)
    expect(argumentsOf(false)).toMatch(/^(-Z nobody )?-tt -e -n -S -r -$/)
  })

  it("becomes another user where root starts it, unless it does not take -Z", () => {
    expect(argumentsOf(true).includes("-Z nobody")).toBe(process.getuid?.() === 0)
    expect(argumentsOf(true, new Set(["-Z"] as const))).not.toContain("-Z")
  })
})
