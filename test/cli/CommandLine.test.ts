import * as fs from "node:fs"
import * as path from "node:path"
import * as Either from "effect/Either"
import { describe, expect, it } from "vitest"
import { readCommandLine } from "../../src/cli/CommandLine.ts"
import { subcommandNames, syntaxNamed } from "../../src/cli/Subcommands.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { runProgram } from "../support/Program.ts"

const flagsWithValue = subcommandNames.flatMap((name) =>
  (syntaxNamed(name)?.flags ?? []).flatMap((flag) =>
    flag.placeholder === undefined ? [] : [[name, flag.name] as const]
  )
)

const read = (...words: ReadonlyArray<string>) => readCommandLine(words, subcommandNames, syntaxNamed)

describe("a flag that takes a value", () => {
  it("is a usage error without one, whichever it is", () => {
    expect(flagsWithValue.length).toBeGreaterThan(40)
    for (const [name, flag] of flagsWithValue)
      for (const words of [[flag], [flag, ""], [`${flag}=`], [flag, "--help"], [flag, "-h"], [flag, flag]])
        expect(String(Either.merge(read(name, ...words)))).toMatch(
          new RegExp(`^${flag} needs a value <.*See "pfasciilogd ${name} --help"`)
        )
  })

  it.each([
    [["test-pattern", "--filter"]],
    [["test-pattern", "--pattern", ""]],
    [["run", "--read"]],
    [["run", "--read="]],
    [["validate", "--config"]]
  ])("ends the program with status 64 without it: %j", async (words) => {
    const { status, stdout, stderr } = await runProgram(words)
    expect({ status, stdout }).toEqual({ status: 64, stdout: "" })
    expect(stderr).toMatch(/^pfasciilogd: --\S+ needs a value .*\n$/)
  })

  it("does not take the next flag for its value", async () => {
    const folder = temporaryFolder()
    const log = path.join(folder, "pf.log")
    const { status, stderr } = await runProgram(["run", "--read", "--log-file", log])
    expect(status).toBe(64)
    expect(stderr).toContain("--read needs a value <file>, but --log-file follows.")
    expect(fs.existsSync(log)).toBe(false)
  })

  it("takes a value that begins with a dash, joined to it where it looks like a flag", async () => {
    for (const words of [["--pattern", "-x <HOST>"], ["--pattern=--x <HOST>"]]) {
      const { stdout } = await runProgram(["test-pattern", "--json", ...words])
      expect(JSON.parse(stdout)).toMatchObject({ matched: 0 })
    }
  })

  it("is understood before and behind the files, and joined to its value", () => {
    const expected = Either.right({
      _tag: "Subcommand",
      words: ["test-pattern", "--json", "--pattern", "--x", "--filter", "y", "pf.log", "-"]
    })
    expect(read("test-pattern", "pf.log", "--json", "--pattern=--x", "-", "--filter", "y")).toEqual(expected)
  })
})

describe("a command line that is wrong", () => {
  it.each([
    [["validat"], "Did you mean 'validate'?"],
    [["--versoin"], "Did you mean '--version'?"],
    [["validate", "--jsn"], "Did you mean '--json'?"],
    [["test-pattern", "--patern", "x"], "Did you mean '--pattern'?"],
    [["test-pattern", "-x"], "A file of that name is ./-x."],
    [["validate", "--json=yes"], "--json takes no value."],
    [["run", "--wizard"], "unknown flag --wizard."],
    [["run", "--log-level", "debug"], "unknown flag --log-level."],
    [["--wizard"], "unknown flag --wizard."],
    [["--completions"], "--completions needs a value"],
    [["--completions", "tcsh"], "bash, fish and zsh"],
    [["help", "run", "validate"], "validate"]
  ])("says what is wrong, and what was meant: %j", async (words, told) => {
    const { status, stdout, stderr } = await runProgram(words)
    expect({ status, stdout }).toEqual({ status: 64, stdout: "" })
    expect(stderr).toContain(told)
    expect(stderr.trimEnd().split("\n")).toHaveLength(1)
  })
})
