import * as Either from "effect/Either"
import { type SearchExpression, toJavaScript } from "../regex/JavaScriptRegex.ts"
import type { PatternError } from "../regex/PatternError.ts"
import { parsePythonRegex } from "../regex/PythonRegex.ts"
import { hasDateNames, resolveDateTokens } from "./DateTokens.ts"

/** One form of a date that fail2ban looks for in a line. */
export interface DateTemplate {
  readonly expression: SearchExpression
  /** Whether it matches at the start or the end of a line only. */
  readonly anchored: boolean
}

type Boundary = "word" | "line-start" | "none"

const epoch = "\\d{10,11}\\b(?:\\.\\d{3,6})?"
const longEpoch = "\\d{10,11}(?:\\d{3}(?:\\.\\d{1,6}|\\d{3})?)?"

/**
 * Builds the template of a `datepattern`, bounded and grouped as fail2ban does it (`DateTemplate.setRegex` in its
 * datetemplate.py): its first group is cut out of the line.
 */
export const dateTemplate = (pattern: string): Either.Either<DateTemplate, PatternError> => {
  const unbound = pattern.startsWith("{UNB}")
  const inner = unbound ? pattern.slice("{UNB}".length) : pattern
  const lineStart = !unbound && inner.startsWith("{^LN-BEG}")
  const boundary: Boundary = unbound ? "none" : lineStart ? "line-start" : "word"
  return fromDatePattern(lineStart ? inner.slice("{^LN-BEG}".length) : inner, boundary)
}

const fromDatePattern = (pattern: string, boundary: Boundary): Either.Either<DateTemplate, PatternError> => {
  const key = pattern.includes("%") ? pattern : pattern.toUpperCase()
  if (/(?<!\\)\{L?EPOCH\}/i.test(pattern)) {
    const seconds = /LEPOCH/i.test(pattern) ? longEpoch : epoch
    return bounded(`(${pattern.replace(/(?<!\\)\{L?EPOCH\}/gi, `(${seconds})`)})`, boundary)
  }
  const start = boundary === "line-start" || key.startsWith("^")
  switch (key.replace(/^\^/, "")) {
    case "EPOCH":
      return epochTemplate(epoch, start)
    case "LEPOCH":
      return epochTemplate(longEpoch, start)
    case "TAI64N":
      return bounded("@[0-9a-f]{24}", start ? "line-start" : "none")
  }
  const regex = resolveDateTokens(pattern)
  return bounded(hasDateNames(pattern) ? `(?iu)${regex}` : regex, boundary)
}

/** Leaves out the conditionals after the seconds of fail2ban's own expression, which are always true. */
const epochTemplate = (seconds: string, start: boolean): Either.Either<DateTemplate, PatternError> =>
  start ? bounded(`(${seconds})`, "line-start") : compiled(`((?:^|(?<=^\\[)|(?<=\\baudit\\())${seconds})`, false)

const bounded = (regex: string, boundary: Boundary): Either.Either<DateTemplate, PatternError> => {
  const flags = /^\(\?[a-z]+\)/.exec(regex)?.[0] ?? ""
  let bare = regex.slice(flags.length).trim()
  const wordStart = boundary !== "none" && !/^\(*(?:\(\?\w+\))?(?:\^|\(*\*\*|\((?:\?:)?\^)/.test(bare)
  const wordEnd = boundary !== "none" && !/(?<!\\)(?:\$\)?|\\b|\\s|\*\*\)*)$/.test(bare)
  if (!/(?<!\(\?)(?<!\\)\((?!\?)/.test(bare)) bare = bare.replace(/^(\^?)(.*?)(\$?)$/s, "$1($2)$3")
  const anchoredStart = /^(?:\^|\((?:\?:)?\^(?!\|))/.test(bare)
  const anchoredEnd = !wordEnd && /(?<![\\|])\$\)?$/.test(bare)
  if (wordStart) bare = boundary === "line-start" ? `^(?:\\W{0,2})?${bare}` : `(?=^|\\b|\\W)${bare}`
  if (wordEnd) bare += "(?=\\b|\\W|$)"
  bare = bare.replace(/^\(*(?:\(\?\w+\))?\(*\*\*|(?<!\\)\*\*\)*$/g, (stars) => stars.replaceAll("**", ""))
  return compiled(flags + bare, anchoredStart || anchoredEnd || (wordStart && boundary === "line-start"))
}

const compiled = (regex: string, anchored: boolean): Either.Either<DateTemplate, PatternError> =>
  Either.map(Either.flatMap(parsePythonRegex(regex), toJavaScript), (expression) => ({ expression, anchored }))
