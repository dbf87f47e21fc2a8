import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { auditFilter } from "../fail2ban/Audit.ts"
import type { FilterError } from "../fail2ban/FilterError.ts"
import { type FilterDefinition, parseFilter, patternFilter, readFilter } from "../fail2ban/FilterFile.ts"
import { FilterJudge } from "../fail2ban/FilterJudge.ts"
import { jsonReport } from "../fail2ban/JsonReport.ts"
import { type LogInputError, readLogLines } from "../fail2ban/LogInput.ts"
import { type FilterMatcher, makeMatcher } from "../fail2ban/Matcher.ts"
import type { PatternError } from "../fail2ban/regex/PatternError.ts"
import { shippedFilterText, shippedModes, shippedName } from "../fail2ban/Shipped.ts"
import { ownPrefix, specimenLines } from "../fail2ban/Specimens.ts"
import { colourStyle, plainStyle, textReport } from "../fail2ban/TextReport.ts"
import { type FilterReport, isSound } from "../fail2ban/Verdict.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { makeProgress } from "./Progress.ts"

const filterOption = Options.text("filter").pipe(
  Options.withPseudoName("FILE|NAME"),
  Options.withDescription(
    "A filter of fail2ban: a file, or a name in its folder filter.d, with parameters as in filter[mode=aggressive]; may be repeated."
  ),
  Options.repeated
)

const patternOption = Options.text("pattern").pipe(
  Options.withPseudoName("REGEX"),
  Options.withDescription("A failregex; may be repeated."),
  Options.repeated
)

const jsonOption = Options.boolean("json").pipe(Options.withDescription("Print the report as JSON."))

const tcpdumpOption = Options.text("tcpdump").pipe(
  Options.withPseudoName("PATH"),
  Options.withDescription("The tcpdump that reads captures."),
  Options.withDefault("tcpdump")
)

const filesArgument = Args.text({ name: "FILE" }).pipe(
  Args.withDescription("A log, or a capture of pflogd; - is standard input. Without any, a set of usual packets."),
  Args.repeated
)

/** `pfasciilogd test-pattern`: judges fail2ban's patterns by what the decoder knows of each line. */
export const testPatternCommand = Command.make(
  "test-pattern",
  { filters: filterOption, patterns: patternOption, json: jsonOption, tcpdump: tcpdumpOption, files: filesArgument },
  (request) => testPatterns(request).pipe(Effect.mapError(asFailure))
).pipe(
  Command.withDescription(
    "Tells whether fail2ban patterns name the right hosts: judges them by a log whose truth the decoder knows, and by packets " +
      "made to fool them. Without --filter and --pattern it judges the shipped filter. Exit status: 0 sound, 1 unsound. " +
      "Example: pfasciilogd test-pattern --filter pfasciilogd /var/log/pf.log"
  )
)

interface TestRequest {
  readonly filters: ReadonlyArray<string>
  readonly patterns: ReadonlyArray<string>
  readonly json: boolean
  readonly tcpdump: string
  readonly files: ReadonlyArray<string>
}

const testPatterns = (request: TestRequest) =>
  Effect.gen(function* () {
    // The library takes an unknown option for a file's name.
    const unknown = request.files.find((file) => /^-./.test(file))
    if (unknown !== undefined)
      return yield* new CommandFailure({
        status: ExitStatus.usage,
        message: `Unknown option ${unknown}. See "pfasciilogd test-pattern --help"; a file of that name is ./${unknown}.`
      })
    const definitions = yield* definitionsOf(request)
    const matchers = yield* Either.all(definitions.map(makeMatcher))
    const judge = new FilterJudge(matchers)
    yield* readAll(request, judge)
    const judgements = judge.results()
    const reports = matchers.flatMap((matcher, index) => {
      const judgement = judgements[index]
      return judgement === undefined ? [] : [reportOf(matcher, judgement, judge.prefix)]
    })
    const total: FilterReport = {
      name: "all",
      judgement: judge.total(),
      audit: reports.flatMap(({ audit }) => audit)
    }
    const text = request.json
      ? jsonReport(reports, total)
      : textReport(reports, total, usesColour() ? colourStyle : plainStyle)
    yield* Console.log(text.trimEnd())
    if (!isSound(total)) yield* setExitStatus(ExitStatus.findings)
  })

const setExitStatus = (status: number): Effect.Effect<void> =>
  Effect.sync(() => {
    process.exitCode = status
  })

const reportOf = (
  matcher: FilterMatcher,
  judgement: FilterReport["judgement"],
  prefix: string | undefined
): FilterReport => ({ name: matcher.definition.name, judgement, audit: auditFilter(matcher, { prefix }) })

const definitionsOf = ({ filters, patterns }: TestRequest) =>
  Effect.gen(function* () {
    if (filters.length === 0 && patterns.length === 0) return yield* shippedFilters()
    const read = yield* Effect.forEach(filters, readFilter)
    return [...read, ...patterns.map(patternFilter)]
  })

const shippedFilters = (): Either.Either<ReadonlyArray<FilterDefinition>, FilterError> =>
  Either.all(
    shippedModes.map((mode) =>
      parseFilter(shippedFilterText(), `the shipped filter ${shippedName}[mode=${mode}]`, new Map([["mode", mode]]))
    )
  )

const readAll = ({ files, tcpdump }: TestRequest, judge: FilterJudge) =>
  Effect.gen(function* () {
    if (files.length === 0) {
      for (const { text } of specimenLines) judge.line(ownPrefix + text)
      return
    }
    const progress = makeProgress()
    for (const file of files) {
      const partial = yield* readLogLines({ file, tcpdump, standardInput: NodeStream.stdin }, (line) => {
        judge.line(line)
        progress.line()
      })
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
