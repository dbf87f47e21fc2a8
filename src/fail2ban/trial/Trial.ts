import * as Either from "effect/Either"
import { auditFilter } from "../audit/Audit.ts"
import type { FilterDefinition } from "../filter/FilterFile.ts"
import { FilterJudge } from "../judge/FilterJudge.ts"
import type { FilterReport } from "../judge/FilterReport.ts"
import { type FilterMatcher, makeMatcher } from "../match/Matcher.ts"
import { endsWithin } from "./TimeLimit.ts"

/** How long a filter may take, in milliseconds. */
export interface Patience {
  /** For some dozens of lines, which are judged at a time. */
  readonly lines: number
  /** For its audit. */
  readonly audit: number
}

/** As long as a person waits; fail2ban reads nothing else while it tries a pattern on a line. */
export const usualPatience: Patience = { lines: 5_000, audit: 15_000 }

/** The reports on filters, on each of them and on all together. */
export interface TrialResult {
  readonly reports: ReadonlyArray<FilterReport>
  readonly total: FilterReport
}

/** How many lines are judged under one limit, since each limit costs time. */
const linesAtOnce = 64

/** Judges filters by the lines of a log and audits them, each within a limit of time. */
export class Trial {
  private readonly matchers: ReadonlyArray<FilterMatcher>
  private readonly judge: FilterJudge
  private readonly patience: Patience
  /** Why a filter was given up, by its index. */
  private readonly givenUp = new Map<number, string>()

  /** @param definitions filters; those of which `makeMatcher` cannot make a matcher are left out */
  constructor(definitions: ReadonlyArray<FilterDefinition>, patience: Patience) {
    this.matchers = definitions.flatMap((definition) =>
      Either.match(makeMatcher(definition), { onLeft: () => [], onRight: (matcher) => [matcher] })
    )
    this.judge = new FilterJudge(this.matchers)
    this.patience = patience
  }

  /** Takes lines, each without its line feed, one character for each byte (latin1). */
  take(lines: ReadonlyArray<string>): void {
    let next = 0
    while (next < lines.length) {
      const end = Math.min(next + linesAtOnce, lines.length)
      const inTime = endsWithin(this.patience.lines, () => {
        while (next < end) {
          const line = lines[next] ?? ""
          next += 1
          this.judge.line(line)
        }
      })
      if (!inTime) this.giveUpOn(lines[next - 1] ?? "")
    }
  }

  /** Gives up the filter that was at work; the others go on with the line. */
  private giveUpOn(line: string): void {
    const slow = this.judge.atWork
    this.judge.leaveOut(slow)
    this.givenUp.set(
      slow,
      `it takes more than ${this.patience.lines / 1000} s for a line, during which fail2ban bans nobody: ${line.slice(0, 200)}`
    )
    this.take([line])
  }

  /** Audits the filters, and gives all results. */
  result(): TrialResult {
    const judgements = this.judge.results()
    const reports = this.matchers.flatMap((matcher, index): ReadonlyArray<FilterReport> => {
      const judgement = judgements[index]
      return judgement === undefined
        ? []
        : [{ name: matcher.definition.name, judgement, ...this.audit(matcher, index) }]
    })
    const [givenUp] = reports.flatMap((report) => report.givenUp ?? [])
    return {
      reports,
      total: { name: "all", judgement: this.judge.total(), audit: reports.flatMap(({ audit }) => audit), givenUp }
    }
  }

  private audit(matcher: FilterMatcher, index: number): Pick<FilterReport, "audit" | "givenUp"> {
    const slow = this.givenUp.get(index)
    if (slow !== undefined) return { audit: [], givenUp: slow }
    let audit: FilterReport["audit"] = []
    const inTime = endsWithin(this.patience.audit, () => {
      audit = auditFilter(matcher, { prefix: this.judge.prefix })
    })
    return { audit, givenUp: inTime ? undefined : tooSlowToAudit(matcher, this.patience) }
  }
}

const tooSlowToAudit = ({ definition }: FilterMatcher, patience: Patience): string => {
  const count = definition.failregex.length
  const what = count === 1 ? "the pattern" : `its ${count} patterns`
  return `its audit was given up after ${patience.audit / 1000} s, which ${what} exceeded: somebody may be able to send a packet on which fail2ban hangs`
}
