import * as Either from "effect/Either"
import type { PatternError } from "../regex/PatternError.ts"
import { type DateTemplate, dateTemplate } from "./DateTemplate.ts"

/** A line without its date: what fail2ban matches its patterns against. */
export interface CutLine {
  readonly text: string
  /** The part of the line that was the date; both are 0 where no date was found. */
  readonly from: number
  readonly to: number
}

/** Cuts the date out of a line. */
export type DateCut = (line: string) => CutLine

/** The dates that fail2ban knows by itself: `DEFAULT_TEMPLATES` of its datedetector.py (1.0.2). */
const defaultPatterns: ReadonlyArray<string> = [
  "%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?)%H:%M:%S(?:[.,]%f)?(?:\\s*%z)?",
  "(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?",
  "(?:%a )?%b %d %ExY %k:%M:%S(?:\\.%f)?",
  "%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S",
  "%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?%H:%M:%S(?:\\.%f)?(?: %z)?",
  "%m/%d/%ExY:%H:%M:%S",
  "%m-%d-%ExY %k:%M:%S(?:\\.%f)?",
  "EPOCH",
  "{^LN-BEG}%H:%M:%S",
  "^<%m/%d/%Exy@%H:%M:%S>",
  "%Exy%Exm%Exd  ?%H:%M:%S",
  "%b %d, %ExY %I:%M:%S %p",
  "^%b-%d-%Exy %k:%M:%S",
  "%ExY%Exm%Exd(?:T|  ?)%ExH%ExM%ExS(?:[.,]%f)?(?:\\s*%z)?",
  "(?:%Z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?",
  "(?:%z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?",
  "TAI64N"
]

const isAnchored = (pattern: string): boolean => pattern.startsWith("{^LN-BEG}") || pattern.startsWith("^")

/** Each at the start of a line first, then anywhere: so the date of a line wins over one in the text of its message. */
const allDefaults: ReadonlyArray<string> = [
  ...defaultPatterns.filter((pattern) => !isAnchored(pattern)).map((pattern) => `{^LN-BEG}${pattern}`),
  ...defaultPatterns
]

/**
 * Makes a function that cuts dates out of lines.
 *
 * @param datePattern the filter's `datepattern`, one pattern on each line; by default fail2ban's own dates
 */
export const makeDateCut = (datePattern: string | undefined): Either.Either<DateCut, PatternError> =>
  Either.map(Either.all(patternsOf(datePattern).map(dateTemplate)), (templates) => (line) => cut(templates, line))

const patternsOf = (datePattern: string | undefined): ReadonlyArray<string> => {
  const given = (datePattern ?? "").split(/\n+/).map((pattern) => pattern.trim())
  const patterns = given.filter((pattern) => pattern !== "")
  return patterns.length === 0 ? allDefaults : patterns.flatMap(expanded)
}

const expanded = (pattern: string): ReadonlyArray<string> => {
  const key = pattern.includes("%") ? pattern : pattern.toUpperCase()
  if (key === "{DEFAULT}") return allDefaults
  if (key === "{^LN-BEG}") return allDefaults.filter(isAnchored)
  if (key === "{NONE}") return ["{UNB}^"]
  if (!/(?<!\\)\{DATE\}/i.test(pattern)) return [pattern]
  const unbound = defaultPatterns.map((date) => date.replace(/^(?:\{\^LN-BEG\}|\^)/, ""))
  return unbound.map((date) => pattern.replace(/(?<!\\)\{DATE\}/gi, () => date))
}

const cut = (templates: ReadonlyArray<DateTemplate>, line: string): CutLine => {
  let best: CutLine | undefined
  for (const template of templates) {
    const found = template.expression.search(line)
    if (found === undefined) continue
    const cutLine = without(line, found)
    if (template.anchored || templates.length === 1) return cutLine
    if (best === undefined || cutLine.from < best.from) best = cutLine
  }
  return best ?? { text: line, from: 0, to: 0 }
}

/** Removes the first group, which is the date; the match may begin before it. */
const without = (line: string, found: RegExpExecArray): CutLine => {
  const date = found[1] ?? ""
  const from = found.index + (found[0].startsWith(date) ? 0 : found[0].indexOf(date))
  const to = from + date.length
  return { text: line.slice(0, from) + line.slice(to), from, to }
}
