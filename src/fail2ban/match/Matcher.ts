import * as Either from "effect/Either"
import { FilterError } from "../filter/FilterError.ts"
import type { FilterDefinition } from "../filter/FilterFile.ts"
import { type SearchExpression, toJavaScript } from "../regex/JavaScriptRegex.ts"
import type { PatternError } from "../regex/PatternError.ts"
import { parsePythonRegex } from "../regex/PythonRegex.ts"
import { type DateCut, makeDateCut } from "./DateCut.ts"
import { resolvePatternTags } from "./PatternTags.ts"

/** The result of a filter for one line. */
export type MatchResult =
  | { readonly type: "none" }
  | { readonly type: "ignored" }
  | {
      readonly type: "match"
      /** The host as the line has it: an address, or a name that fail2ban would look up. */
      readonly host: string
      /** Whether it is a name, or what fail2ban takes for one. */
      readonly isName: boolean
      /** Which of the filter's expressions matched first, counted from 0. */
      readonly failregex: number
      /** The part of the line that matched, in characters, including a date that was cut out of it. */
      readonly from: number
      readonly to: number
    }

/** A filter that is ready to match lines. */
export interface FilterMatcher {
  readonly definition: FilterDefinition
  /** The expressions, for callers that build lines that match them. */
  readonly expressions: ReadonlyArray<SearchExpression>
  readonly prefix: SearchExpression | undefined
  /** What fail2ban makes of a line, which is given without its line end. */
  readonly match: (line: string) => MatchResult
}

const none: MatchResult = { type: "none" }
const ignored: MatchResult = { type: "ignored" }

/** The groups that can name a host, in fail2ban's order. */
const hostGroups = ["fid", "ip4", "ip6", "dns"] as const

/** Makes a matcher that treats lines one by one as fail2ban does (`Filter.findFailure` in its filter.py). */
export const makeMatcher = (definition: FilterDefinition): Either.Either<FilterMatcher, FilterError | PatternError> =>
  Either.gen(function* () {
    const expression = (pattern: string) =>
      Either.flatMap(parsePythonRegex(resolvePatternTags(pattern, definition.usedns)), toJavaScript)
    const prefix = definition.prefregex === undefined ? undefined : yield* expression(definition.prefregex)
    const expressions = yield* Either.all(definition.failregex.map(expression))
    const ignoring = yield* Either.all(definition.ignoreregex.map(expression))
    const dateCut = yield* makeDateCut(definition.datepattern)
    yield* checkGroups(definition, prefix, expressions)
    return { definition, expressions, prefix, match: matchLine(dateCut, prefix, expressions, ignoring) }
  })

const checkGroups = (
  definition: FilterDefinition,
  prefix: SearchExpression | undefined,
  expressions: ReadonlyArray<SearchExpression>
): Either.Either<void, FilterError> => {
  const fail = (reason: FilterError["reason"], detail: string) =>
    Either.left(new FilterError({ reason, filter: definition.name, detail }))
  const prefixGroups = [...(prefix?.source.groupNames.keys() ?? [])]
  for (const [index, expression] of expressions.entries()) {
    const groups = [...prefixGroups, ...expression.source.groupNames.keys()]
    if (groups.includes("mlfid"))
      return fail("unsupported", "<F-MLFID> joins several lines into one; each packet has a line of its own")
    if (groups.some((group) => group.startsWith("skiplines")) || definition.failregex[index]?.includes("<SKIPLINES>"))
      return fail("unsupported", "<SKIPLINES> matches over several lines; each packet has a line of its own")
    if (!hostGroups.some((group) => groups.includes(group)))
      return fail("syntax", `no <ADDR>, <HOST> or <F-ID> in "${definition.failregex[index]}"`)
  }
  return Either.right(undefined)
}

const matchLine =
  (
    dateCut: DateCut,
    prefix: SearchExpression | undefined,
    expressions: ReadonlyArray<SearchExpression>,
    ignoring: ReadonlyArray<SearchExpression>
  ) =>
  (line: string): MatchResult => {
    const { text, from, to } = dateCut(line)
    const isIgnored = (searched: string) => ignoring.some((expression) => expression.search(searched) !== undefined)
    const whole = `${text}\n`
    if (ignoring.length > 0 && ignoring.length < expressions.length - 2 && isIgnored(whole)) return ignored
    let searched = whole
    let offset = 0
    let prefixGroups: Groups = {}
    if (prefix !== undefined) {
      const found = prefix.search(whole)
      if (found === undefined) return none
      prefixGroups = found.groups ?? {}
      const content = prefixGroups["content"]
      if (content !== undefined && content !== "") {
        searched = `${content}\n`
        offset = found.index + found[0].lastIndexOf(content)
      }
    }
    for (const [index, expression] of expressions.entries()) {
      const found = expression.search(searched)
      if (found === undefined) continue
      if (isIgnored(searched)) return ignored
      const groups = withAlternatives({ ...prefixGroups, ...defined(found.groups ?? {}) })
      if (isSet(groups["nofail"])) return ignored
      const host = hostOf(groups)
      if (host === undefined) continue
      // The date was cut out before matching: in the line, all that follows it is further to the right.
      const inLine = (at: number) => Math.min(line.length, at < from ? at : at + to - from)
      return {
        type: "match",
        ...host,
        failregex: index,
        from: inLine(offset + found.index),
        to: inLine(offset + found.index + found[0].length)
      }
    }
    return none
  }

type Groups = { readonly [name: string]: string | undefined }

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ""

const defined = (groups: Groups): Groups =>
  Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined))

/** Groups such as `<F-ALT_HOST>` give a value where the group without the prefix has none. */
const withAlternatives = (groups: Groups): Groups => {
  const merged: { [name: string]: string | undefined } = { ...groups }
  for (const name of Object.keys(groups).sort()) {
    const plain = /^alt_(.*?)(?:_\d+)?$/.exec(name)?.[1]
    if (plain !== undefined && isSet(groups[name]) && !isSet(merged[plain])) merged[plain] = groups[name]
  }
  return merged
}

/** The host that a match names: an identifier (`<F-ID>`) that differs from the address, else the address, else the name. */
const hostOf = (groups: Groups): { readonly host: string; readonly isName: boolean } | undefined => {
  const { fid, ip4, ip6, dns, cidr } = groups
  const address = ip4 ?? ip6
  if (fid !== undefined && fid !== address) return { host: fid, isName: false }
  if (address !== undefined) return { host: isSet(cidr) ? `${address}/${cidr}` : address, isName: false }
  return dns === undefined ? undefined : { host: dns, isName: true }
}
