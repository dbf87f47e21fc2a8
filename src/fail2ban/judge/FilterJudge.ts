import type { FilterMatcher, MatchResult } from "../match/Matcher.ts"
import { FilterTally, type Judgement } from "./FilterTally.ts"
import { type LineTruth, truthOf, wrongKindOf } from "./LineTruth.ts"

/** Judges filters by the lines of a log, each by itself and all together. */
export class FilterJudge {
  private readonly matchers: ReadonlyArray<FilterMatcher>
  private readonly tallies: ReadonlyArray<FilterTally>
  private readonly together = new FilterTally()
  private readonly leftOut = new Set<number>()
  /** The index of the filter that is trying a line, or was the last to try one. */
  atWork = 0
  /** The text before `rule` in the line of the log's first packet. */
  prefix: string | undefined

  constructor(matchers: ReadonlyArray<FilterMatcher>) {
    this.matchers = matchers
    this.tallies = matchers.map(({ definition }) => new FilterTally(definition.reads))
  }

  /** Takes the next line, without its line feed, one character a byte (latin1). */
  line(bytes: string): void {
    const line = bytes.endsWith("\r") ? bytes.replace(/\r+$/, "") : bytes
    if (line === "" || line.startsWith("#")) return
    const truth = truthOf(line)
    if (this.prefix === undefined && truth.entry !== undefined)
      this.prefix = line.slice(0, line.length - truth.entry.text.length)
    // fail2ban reads its logs as UTF-8.
    const text = isAscii(line) ? line : Buffer.from(line, "latin1").toString("utf8")
    let all: MatchResult = { type: "none" }
    for (const [index, matcher] of this.matchers.entries()) {
      if (this.leftOut.has(index)) continue
      this.atWork = index
      const result = matcher.match(text)
      this.tallies[index]?.add(line, truth, result)
      if (rank(result, truth) > rank(all, truth)) all = result
    }
    this.together.add(line, truth, all)
  }

  /** Stops trying one of the filters. */
  leaveOut(index: number): void {
    this.leftOut.add(index)
  }

  /** The judgement of each filter, in the order given. */
  results(): ReadonlyArray<Judgement> {
    return this.tallies.map((tally) => tally.result())
  }

  /** What they do together, as several jails on one log would: a line counts once, as the worst that any makes of it. */
  total(): Judgement {
    return this.together.result()
  }
}

const nonAscii = /[^\x00-\x7f]/

const isAscii = (text: string): boolean => !nonAscii.test(text)

const rank = (result: MatchResult, truth: LineTruth): number => {
  if (result.type !== "match") return result.type === "ignored" ? 1 : 0
  if (truth.unrecognised) return 2
  return wrongKindOf(truth, result) === undefined ? 2 : 3
}
