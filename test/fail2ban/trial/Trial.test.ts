import { describe, expect, it } from "vitest"
import { patternFilter } from "../../../src/fail2ban/filter/FilterFile.ts"
import { isSound } from "../../../src/fail2ban/judge/FilterReport.ts"
import { verdictOf } from "../../../src/fail2ban/report/Verdict.ts"
import { endsWithin } from "../../../src/fail2ban/trial/TimeLimit.ts"
import { Trial } from "../../../src/fail2ban/trial/Trial.ts"

const line =
  "2026-11-22T06:16:54.507027+01:00 rule 1/0(match): block in on em0: 1.2.3.4.41854 > 10.0.0.1.6379: Flags [S], seq 1, win 1024, length 0"
const endless = patternFilter("^\\s*rule (\\S+\\s*)+: <HOST>;$")
const right = patternFilter("^\\s*rule \\d+/0\\(match\\): block in on \\w+: <ADDR>(?:\\.\\d+)? > \\S+: ")

describe("a trial of filters", () => {
  it("gives a filter up that hangs on a line, says so, and goes on with the others", () => {
    const trial = new Trial([endless, right], { lines: 200, audit: 20_000 })
    trial.take([line, line, line])
    const { reports, total } = trial.result()
    expect(reports.map(({ givenUp }) => givenUp === undefined)).toEqual([false, true])
    expect(reports[0]?.givenUp).toContain("0.2 s for a line, during which fail2ban bans nobody: 2026-11-22")
    expect(reports[1]?.judgement).toMatchObject({ lines: 3, matched: 3 })
    expect(isSound(total)).toBe(false)
    expect(verdictOf(total)).toMatch(/^Unsound: it takes more than/)
  })

  it("gives an audit up that takes too long", () => {
    const { total } = new Trial([right], { lines: 1000, audit: 1 }).result()
    expect(total.givenUp).toContain("its audit was given up after 0.001 s")
    expect(isSound(total)).toBe(false)
  })

  it("gives the audit of 400 patterns up in time, and says how many they are", () => {
    const failregex = Array.from(
      { length: 400 },
      (_, index) => `^\\s*rule \\d+/0\\(match\\): block in on em${index}: <HOST>\\.`
    )
    const begun = performance.now()
    const { total } = new Trial([{ ...right, failregex }], { lines: 1000, audit: 200 }).result()
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(total.givenUp).toContain("after 0.2 s, which its 400 patterns exceeded")
  })

  it("leaves an error of the task what it is", () => {
    expect(() => endsWithin(1000, () => JSON.parse("{"))).toThrow(SyntaxError)
    expect(endsWithin(1000, () => undefined)).toBe(true)
  })
})
