import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { patternFilter } from "../../../src/fail2ban/filter/FilterFile.ts"
import { makeMatcher } from "../../../src/fail2ban/match/Matcher.ts"
import { matchInTime } from "../../../src/fail2ban/trial/MatchInTime.ts"

const matcherOf = (pattern: string) => Either.getOrThrow(makeMatcher(patternFilter(pattern)))

const lines = Array.from({ length: 3000 }, (_, index) => `rule 1: block in on em0: 192.0.2.${index % 250}: x`)

describe("matching in time", () => {
  it.live("hands on each line once, in order, with what the filter makes of it", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      yield* matchInTime(matcherOf("^rule 1: block in on em0: <HOST>: x$"), lines, (line, result) =>
        seen.push(line.replace(/\d+: x$/, result.type === "match" ? result.host.replace(/^.*\./, "") : "-"))
      )
      expect(seen).toEqual(lines.map((line) => line.replace(/: x$/, "")))
    })
  )

  it.live(
    "fails at the line with which the filter does not come to an end, after those in front of it",
    () =>
      Effect.gen(function* () {
        const endless = matcherOf("^rule (?:(?:\\S+\\s*)+; )?<HOST>$")
        const easy = ["rule 192.0.2.1", "rule 192.0.2.2"]
        const hard = `rule ${"a".repeat(60)}!`
        const seen: Array<string> = []
        const slow = yield* Effect.flip(
          matchInTime(endless, [...easy, hard, ...easy], (line) => {
            seen.push(line)
          })
        )
        expect(slow).toMatchObject({ _tag: "SlowLine", line: hard, millis: 1200 })
        expect(seen).toEqual(easy)
      }),
    20_000
  )
})
