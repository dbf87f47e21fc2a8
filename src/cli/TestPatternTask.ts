import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { filterModes } from "../decode/Probe.ts"
import { ownPrefix, samplePackets } from "../fail2ban/audit/SamplePackets.ts"
import { sampleScans } from "../fail2ban/audit/SampleScans.ts"
import type { FilterError } from "../fail2ban/filter/FilterError.ts"
import { type FilterDefinition, parseFilter, patternFilter, readFilter } from "../fail2ban/filter/FilterFile.ts"
import {
  shippedFilterText,
  shippedName,
  shippedScanFilterText,
  shippedScanName
} from "../fail2ban/filter/ShippedFiles.ts"
import { type FilterReport, isJudged, isSound } from "../fail2ban/judge/FilterReport.ts"
import { type LogInputError, readLogLines, type TakeLines } from "../fail2ban/logs/LogInput.ts"
import { makeMatcher } from "../fail2ban/match/Matcher.ts"
import type { PatternError } from "../fail2ban/regex/PatternError.ts"
import { filterReportJson } from "../fail2ban/report/FilterReportJson.ts"
import { filterReportText } from "../fail2ban/report/FilterReportText.ts"
import { colourStyle, plainStyle } from "../fail2ban/report/ReportStyle.ts"
import { beginTrial } from "../fail2ban/trial/RemoteTrial.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { print } from "./Print.ts"
import { makeProgress } from "./Progress.ts"

/** What the command line asks for. */
export interface TestPatternRequest {
  readonly filters: ReadonlyArray<string>
  readonly patterns: ReadonlyArray<string>
  readonly json: boolean
  readonly tcpdump: string
  readonly files: ReadonlyArray<string>
}

/** Judges the patterns, prints the report, and sets the exit status. */
export const testPattern = (request: TestPatternRequest) =>
  Effect.gen(function* () {
    const definitions = yield* definitionsOf(request)
    // What is wrong with a pattern is said before anything is read.
    yield* Either.all(definitions.map(makeMatcher))
    const { reports: all, total } = yield* Effect.scoped(
      Effect.gen(function* () {
        const trial = yield* beginTrial(definitions)
        yield* readAll(request, trial.take)
        return yield* trial.finish
      })
    )
    const reports = isOwnChoice(request) ? all : withLines(all)
    const text = request.json
      ? filterReportJson(reports, total)
      : filterReportText(reports, total, usesColour() ? colourStyle : plainStyle)
    yield* print(text)
    if (!isJudged(total)) yield* setExitStatus(ExitStatus.noInput)
    else if (!isSound(total)) yield* setExitStatus(ExitStatus.findings)
  }).pipe(Effect.mapError(asFailure))

const setExitStatus = (status: number): Effect.Effect<void> =>
  Effect.sync(() => {
    process.exitCode = status
  })

const isOwnChoice = ({ filters, patterns }: TestPatternRequest): boolean => filters.length > 0 || patterns.length > 0

const definitionsOf = (request: TestPatternRequest) =>
  Effect.gen(function* () {
    const { filters, patterns } = request
    if (!isOwnChoice(request)) return yield* shippedFilters()
    const read = yield* Effect.forEach(filters, readFilter)
    return [...read, ...patterns.map(patternFilter)]
  })

/** The shipped filter of packets in each of its modes, and that of scans. */
const shippedFilters = (): Either.Either<ReadonlyArray<FilterDefinition>, FilterError> =>
  Either.map(
    Either.all([
      parseFilter(shippedScanFilterText(), `the shipped filter ${shippedScanName}`, new Map()),
      ...filterModes.map((mode) =>
        parseFilter(shippedFilterText(), `the shipped filter ${shippedName}[mode=${mode}]`, new Map([["mode", mode]]))
      )
    ]),
    ([scans, ...packets]) => [
      ...packets.map((definition): FilterDefinition => ({ ...definition, reads: "packets" })),
      { ...scans, reads: "scans" }
    ]
  )

/** Of the shipped filters, those that the log has lines for; all where it has none. */
const withLines = (reports: ReadonlyArray<FilterReport>): ReadonlyArray<FilterReport> =>
  reports.some(isJudged) ? reports.filter(isJudged) : reports

const readAll = ({ files, tcpdump }: TestPatternRequest, take: TakeLines) =>
  Effect.gen(function* () {
    if (files.length === 0) return yield* take([...samplePackets, ...sampleScans].map(({ text }) => ownPrefix + text))
    const progress = makeProgress()
    for (const file of files) {
      const partial = yield* readLogLines({ file, tcpdump, standardInput: NodeStream.stdin }, (lines) =>
        Effect.tap(take(lines), () => Effect.sync(() => progress.add(lines.length)))
      )
      progress.end()
      if (partial !== undefined) yield* Effect.logWarning(partial)
    }
  })

const asFailure = (error: FilterError | PatternError | LogInputError | CommandFailure): CommandFailure =>
  error instanceof CommandFailure ? error : new CommandFailure({ status: statusOf(error), message: error.message })

const statusOf = (error: FilterError | PatternError | LogInputError): number => {
  if (error.reason === "not-found") return ExitStatus.noInput
  return error.reason === "tcpdump" ? ExitStatus.unavailable : ExitStatus.usage
}
