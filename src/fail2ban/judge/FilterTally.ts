import { isProbe } from "../../decode/Probe.ts"
import type { FilterDefinition } from "../filter/FilterFile.ts"
import type { MatchResult } from "../match/Matcher.ts"
import {
  describeTruth,
  type Example,
  exampleOf,
  type LineTruth,
  truthOf,
  type WrongKind,
  wrongKindOf
} from "./LineTruth.ts"
import { type MissedKind, MissedPackets } from "./MissedPackets.ts"

/** What a filter did with a log. */
export interface Judgement {
  /** Lines as fail2ban-regex counts them: neither empty nor starting with `#`. */
  readonly lines: number
  /** Lines that show a packet, or in the second log a scan: of those that the filter is for. */
  readonly entries: number
  /** How many of these are scans. */
  readonly scans: number
  /** Lines that look like a packet's, but have an unknown form: what a filter does with them is not judged. */
  readonly unrecognised: number
  /** Lines that the filter matched; fail2ban-regex counts the same. */
  readonly matched: number
  /** Packets that were blocked inbound, and scans, which the filter is for and does not match. */
  readonly missed: number
  /** How many of these are probes, which the shipped filter counts in mode `normal`, or scans. */
  readonly missedProbes: number
  readonly missedByKind: ReadonlyArray<{ readonly kind: MissedKind; readonly count: number }>
  /** Matches that name the right host of a packet that is no probe: an answer, an error, a neighbour's packet, a late one. */
  readonly noProbe: number
  /** Matches that name a host other than the packet's source. */
  readonly wrongHost: number
  /** Matches of lines that do not show a packet blocked inbound. */
  readonly notBlocked: number
  /** Lines that an ignoreregex, or `<F-NOFAIL>`, excludes. */
  readonly ignored: number
  readonly examples: ReadonlyArray<Example>
}

/** Counts what one filter does with the lines of a log. */
export class FilterTally {
  private readonly wrong = new Map<WrongKind, Example>()
  private readonly missing = new MissedPackets()
  private lines = 0
  private entries = 0
  private scans = 0
  private readonly reads: FilterDefinition["reads"]
  private unrecognised = 0
  private firstUnrecognised: string | undefined
  private matched = 0
  private noProbe = 0
  private wrongHost = 0
  private notBlocked = 0
  private ignored = 0

  /** @param reads the lines that the filter is for, where that is known: it need not match others */
  constructor(reads?: FilterDefinition["reads"]) {
    this.reads = reads
  }

  /** Takes the next line with the truth about it, and with the filter's result. */
  add(line: string, truth: LineTruth, result: MatchResult): void {
    this.lines += 1
    const isScan = truth.scan !== undefined
    const isMeant = this.reads === undefined || isScan === (this.reads === "scans")
    if (isMeant && (isScan || truth.entry !== undefined)) this.entries += 1
    if (isMeant && isScan) this.scans += 1
    if (truth.unrecognised) {
      this.unrecognised += 1
      this.firstUnrecognised ??= line
    }
    if (result.type === "match") this.judgeMatch(line, truth, result)
    else {
      if (result.type === "ignored") this.ignored += 1
      if (isMeant) this.miss(line, truth)
    }
  }

  private miss(line: string, { entry, blockedInbound, scan }: LineTruth): void {
    if (scan !== undefined) this.missing.missedScan(line)
    else if (entry !== undefined && blockedInbound) this.missing.missed(entry, line)
  }

  private judgeMatch(line: string, truth: LineTruth, match: MatchResult & { readonly type: "match" }): void {
    this.matched += 1
    const kind = truth.unrecognised ? undefined : wrongKindOf(truth, match)
    if (kind === undefined) {
      if (truth.entry === undefined) return
      this.missing.matched(truth.entry)
      if (!isProbe(truth.entry)) this.noProbe += 1
      return
    }
    if (kind === "wrong host") this.wrongHost += 1
    else this.notBlocked += 1
    if (!this.wrong.has(kind)) this.wrong.set(kind, exampleOf(kind, line, truth, match))
  }

  result(): Judgement {
    const missed = this.missing.byKind()
    const missedExamples = missed.map(
      ({ kind, line }): Example => ({ kind: "missed", missedKind: kind, line, truth: describeTruth(truthOf(line)) })
    )
    return {
      lines: this.lines,
      entries: this.entries,
      scans: this.scans,
      unrecognised: this.unrecognised,
      matched: this.matched,
      missed: this.missing.total,
      missedProbes: this.missing.probes,
      noProbe: this.noProbe,
      missedByKind: missed.map(({ kind, count }) => ({ kind, count })),
      wrongHost: this.wrongHost,
      notBlocked: this.notBlocked,
      ignored: this.ignored,
      examples: [...this.wrong.values(), ...missedExamples, ...this.unrecognisedExamples()]
    }
  }

  private unrecognisedExamples(): ReadonlyArray<Example> {
    const line = this.firstUnrecognised
    return line === undefined ? [] : [{ kind: "unrecognised", line, truth: "unknown: it has an unknown form" }]
  }
}
