import * as Either from "effect/Either"
import { nearest } from "../config/Nearest.ts"
import { commonFlags } from "./help/HelpPage.ts"
import type { Parameter, Syntax } from "./help/Syntax.ts"

/** What the command line asks for. */
export type Request =
  | { readonly _tag: "Help"; readonly topic: string | undefined }
  | { readonly _tag: "Version" }
  | { readonly _tag: "Completions"; readonly shell: Shell }
  /** A subcommand, with its words as the library takes them: flags first, each value a word of its own, then arguments. */
  | { readonly _tag: "Subcommand"; readonly words: ReadonlyArray<string> }

/** The shells that complete our command line. */
export type Shell = "bash" | "fish" | "zsh"

const shells: Readonly<Record<string, Shell>> = { bash: "bash", fish: "fish", sh: "bash", zsh: "zsh" }

/** A problem of the command line, and where to find help. */
const wrong = (problem: string, topic?: string): Either.Either<never, string> =>
  Either.left(`${problem} See "pfasciilogd ${topic === undefined ? "--help" : `${topic} --help`}".`)

/**
 * Checks the words of a command line: each flag must exist, have its value, and be given once. The
 * library does not tell these faults apart, and takes a flag without a value for one that was left out.
 *
 * @returns what is asked for, or what is wrong
 */
export const readCommandLine = (
  words: ReadonlyArray<string>,
  names: ReadonlyArray<string>,
  syntaxNamed: (name: string) => Syntax | undefined
): Either.Either<Request, string> => {
  const [first, ...rest] = words
  if (first === undefined) return wrong("a subcommand is missing.")
  if (first.startsWith("-")) return readCommonFlag(first, rest)
  const syntax = syntaxNamed(first)
  if (syntax !== undefined) return readParameters(syntax, rest)
  return wrong(`${JSON.stringify(first)} is no subcommand.${meant(first, names)}`)
}

const readCommonFlag = (flag: string, rest: ReadonlyArray<string>): Either.Either<Request, string> => {
  const { name, joined } = partsOf(flag)
  if (name === "--completions") {
    const shell = joined ?? rest[0] ?? ""
    if (shell === "") return wrong("--completions needs a value: bash, fish or zsh.")
    const known = shells[shell]
    return known === undefined
      ? wrong(`--completions ${shell}: there are completions for bash, fish and zsh.`)
      : Either.right({ _tag: "Completions", shell: known })
  }
  if (flag === "--version") return Either.right({ _tag: "Version" })
  if (helpFlags.includes(flag)) return Either.right({ _tag: "Help", topic: undefined })
  return wrong(`unknown flag ${flag}.${meant(name, commonNames)}`)
}

const helpFlags = ["--help", "-h"]

const commonNames = commonFlags.flatMap(({ name }) => name.split(", "))

const readParameters = (syntax: Syntax, words: ReadonlyArray<string>): Either.Either<Request, string> => {
  const seen = new Set<string>()
  const flags: Array<string> = []
  const others: Array<string> = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (helpFlags.includes(word)) return Either.right({ _tag: "Help", topic: syntax.name })
    if (word === "--version") return Either.right({ _tag: "Version" })
    // A dash alone is standard input.
    if (!/^-./s.test(word)) {
      if (syntax.arguments.length === 0)
        return wrong(`${JSON.stringify(word)} is one word too many: ${syntax.name} takes flags only.`, syntax.name)
      others.push(word)
      continue
    }
    const { name, joined } = partsOf(word)
    const flag = syntax.flags.find((candidate) => candidate.name === name)
    if (flag === undefined) return unknownFlag(syntax, word)
    if (seen.has(name) && !flag.repeatable) return wrong(`'${name}' is given more than once.`, syntax.name)
    seen.add(name)
    flags.push(name)
    if (flag.placeholder === undefined) {
      if (joined !== undefined) return wrong(`${name} takes no value.`, syntax.name)
      continue
    }
    const value = joined ?? words[at + 1] ?? ""
    const missing = missingValue(syntax, flag, value, at + 1 < words.length, joined !== undefined)
    if (missing !== undefined) return wrong(missing, syntax.name)
    flags.push(value)
    if (joined === undefined) at += 1
  }
  return Either.right({ _tag: "Subcommand", words: [syntax.name, ...flags, ...others] })
}

const partsOf = (word: string): { readonly name: string; readonly joined: string | undefined } => {
  const equals = word.startsWith("--") ? word.indexOf("=") : -1
  return equals < 0
    ? { name: word, joined: undefined }
    : { name: word.slice(0, equals), joined: word.slice(equals + 1) }
}

const unknownFlag = (syntax: Syntax, word: string): Either.Either<never, string> => {
  const known = [...syntax.flags.map(({ name }) => name), ...commonNames]
  const file = syntax.arguments.length === 0 ? "" : ` A file of that name is ./${word}.`
  return wrong(`unknown flag ${word}.${meant(partsOf(word).name, known)}${file}`, syntax.name)
}

/** Why a flag has no value: an empty shell variable leaves none behind, or an empty one. */
const missingValue = (
  syntax: Syntax,
  { name, placeholder }: Parameter,
  value: string,
  isNext: boolean,
  joined: boolean
): string | undefined => {
  const needs = `${name} needs a value <${placeholder}>`
  if (value === "") return joined || isNext ? `${needs}, but it is empty.` : `${needs}.`
  if (joined || !value.startsWith("-")) return undefined
  const isFlag = [...helpFlags, ...syntax.flags.map((flag) => flag.name)].includes(partsOf(value).name)
  if (isFlag) return `${needs}, but ${partsOf(value).name} follows.`
  return value.startsWith("--")
    ? `${needs}, but ${value} follows; a value that begins so is ${name}=${value}.`
    : undefined
}

const meant = (name: string, known: ReadonlyArray<string>): string => {
  const suggestion = nearest(name, known)
  return suggestion === undefined || suggestion === name ? "" : ` Did you mean '${suggestion}'?`
}
