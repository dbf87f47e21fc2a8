import * as Either from "effect/Either"
import { readCommandLine } from "../../../src/cli/CommandLine.ts"
import { subcommandNames, syntaxNamed } from "../../../src/cli/Subcommands.ts"
import type { Random } from "../captures/Random.ts"

const strangeWords = [
  "",
  "-",
  "--",
  "-x",
  "---",
  "--help",
  "-h",
  "--version",
  "--wizard",
  "--log-level",
  "--completions",
  "bash",
  "--no-json",
  "--json=true",
  "--config=",
  "--=",
  "\u001b[31m",
  "é",
  "a".repeat(5000)
] as const

const values = [
  "",
  "0",
  "-1",
  "1e9",
  "nan",
  "/nowhere/file",
  "/dev/null",
  "/",
  ".",
  "pf.log",
  "./pf.toml",
  "192.0.2.1",
  "::1/129",
  "10m",
  "^rule <HOST>",
  "(",
  "(?P<host>",
  "pfasciilogd[mode=normal]",
  "x[",
  "text",
  "packet",
  "filterlog"
] as const

/** Makes the words of a command line: mostly flags that exist, with values of all kinds, and now and then anything else. */
export const makeCommandLine = (random: Random): ReadonlyArray<string> => {
  const [first = "run", ...others] = subcommandNames
  const name = random.pick([first, ...others])
  const flags = syntaxNamed(name)?.flags ?? []
  const words = Array.from({ length: random.between(0, 5) }, (): ReadonlyArray<string> => {
    const flag = flags[random.below(flags.length)]
    if (flag === undefined || random.oneIn(6)) return [random.pick(strangeWords)]
    if (random.oneIn(10)) return [random.pick(values)]
    if (flag.placeholder === undefined) return random.oneIn(10) ? [`${flag.name}=1`] : [flag.name]
    if (random.oneIn(10)) return [flag.name]
    return random.oneIn(3) ? [`${flag.name}=${random.pick(values)}`] : [flag.name, random.pick(values)]
  })
  const subcommand = random.oneIn(15) ? random.pick(strangeWords) : name
  return [subcommand, ...words.flat()]
}

/** Says what is wrong with how a command line is read, or nothing: it is understood, or refused in words. */
export const faultOfCommandLine = (words: ReadonlyArray<string>): string | undefined => {
  try {
    const request = readCommandLine(words, subcommandNames, syntaxNamed)
    return Either.isLeft(request) && request.left.trim() === "" ? "it is refused without a word" : undefined
  } catch (error) {
    return `it crashed: ${String(error)}`
  }
}
