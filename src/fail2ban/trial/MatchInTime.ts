import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { FilterMatcher, MatchResult } from "../match/Matcher.ts"
import { endsWithin } from "./TimeLimit.ts"

/** A filter does not come to an end with a line. */
export class SlowLine extends Data.TaggedError("SlowLine")<{
  readonly line: string
  /** How long it was tried, in milliseconds. */
  readonly millis: number
}> {}

/** Lines matched under one limit: with 512 of them the limit's price is 0.2 µs a line. */
const linesAtOnce = 512

/** No signal reaches us for so long, in milliseconds. */
const limit = 400

/** How often a line is tried alone: a machine that sleeps or is busy for a moment makes no line slow. */
const mostTries = 3

/** Lines that take longer than this, in milliseconds, let signals in before the next. */
const noticeable = 50

/**
 * Matches lines on this thread and hands each on with its result, in order; INT and TERM are served at least every 0.4 s,
 * whatever the filter does.
 *
 * @returns a failure where the filter does not come to an end with a line
 */
export const matchInTime = (
  matcher: FilterMatcher,
  lines: ReadonlyArray<string>,
  take: (line: string, result: MatchResult) => void
): Effect.Effect<void, SlowLine> =>
  Effect.gen(function* () {
    let taken = 0
    let tries = 0
    while (taken < lines.length) {
      const begun = performance.now()
      const results = matchSome(matcher, lines, taken)
      for (const result of results) {
        take(lines[taken] ?? "", result)
        taken += 1
      }
      tries = results.length === 0 ? tries + 1 : 0
      if (tries === mostTries) return yield* new SlowLine({ line: lines[taken] ?? "", millis: mostTries * limit })
      if (performance.now() - begun > noticeable) yield* signalsServed
    }
  })

/** The results of as many lines as one limit allows for: none where the first takes all of it. */
const matchSome = (matcher: FilterMatcher, lines: ReadonlyArray<string>, from: number): ReadonlyArray<MatchResult> => {
  const results: Array<MatchResult> = []
  const end = Math.min(lines.length, from + linesAtOnce)
  endsWithin(limit, () => {
    while (from + results.length < end) results.push(matcher.match(lines[from + results.length] ?? ""))
  })
  return results
}

/** A whole turn of Node's loop, in which it calls the listeners of signals: the first callback may come before it polls. */
const signalsServed = Effect.async<void>((resume) => {
  setImmediate(() => setImmediate(() => resume(Effect.void)))
})
