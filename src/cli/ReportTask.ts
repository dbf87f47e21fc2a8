import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { decodeLine } from "../decode/text/TextDecoder.ts"
import { firstSecond, type LogInputError, readLogLines, type TakeLines } from "../fail2ban/logs/LogInput.ts"
import { type FilterMatcher, makeMatcher } from "../fail2ban/match/Matcher.ts"
import type { JailSpec } from "../fail2ban/replay/JailSpec.ts"
import { lineTime } from "../fail2ban/replay/LineTime.ts"
import { shippedJail } from "../fail2ban/replay/ShippedJail.ts"
import { matchInTime } from "../fail2ban/trial/MatchInTime.ts"
import { replaceFile } from "../host/NewFile.ts"
import { gatherNeverBan, thisHost } from "../host/neverban/Sources.ts"
import { page, pageMark } from "../report/html/Page.ts"
import { parsePeriod } from "../report/model/PeriodText.ts"
import type { Report } from "../report/model/Report.ts"
import { reportJson } from "../report/model/ReportJson.ts"
import { ReportMaker } from "../report/model/ReportMaker.ts"
import { terminalStyle } from "../report/terminal/Drawing.ts"
import { terminalText } from "../report/terminal/Terminal.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { loadConfiguration } from "./ConfigurationOptions.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { print } from "./Print.ts"
import { makeProgress } from "./Progress.ts"
import { geoOf, rulesOfNow, serviceNames } from "./ReportSurroundings.ts"
import { asFailure, configuredJail, tooSlow } from "./SimulateTask.ts"
import { version } from "./Version.ts"

/** What the command line asks for; texts are empty where nothing is given. */
export interface ReportOptions {
  readonly config: Option.Option<string>
  readonly html: string
  readonly jail: string
  readonly fail2ban: string
  readonly banLog: Option.Option<string>
  readonly country: string
  readonly asn: string
  readonly since: string
  readonly until: string
  readonly json: boolean
  readonly tcpdump: string
  readonly files: ReadonlyArray<string>
}

/** Where fail2ban writes its log by default, on every system. */
const defaultBanLog = "/var/log/fail2ban.log"

/** Reads the logs and shows what they hold: in a file for a browser, as JSON, or on the terminal. */
export const report = (request: ReportOptions) =>
  Effect.gen(function* () {
    const made = yield* Effect.mapError(makeReport(request), asFailure)
    if (request.html !== "") yield* writePage(request.html, made)
    if (request.json) yield* print(reportJson(made))
    else if (request.html === "") yield* print(terminalText(made, currentStyle()))
  })

const writePage = (file: string, made: Report) =>
  replaceFile(file, page(made, version()), 0o640, pageMark).pipe(
    Effect.mapError(({ message }) => new CommandFailure({ status: ExitStatus.cantCreate, message }))
  )

/** Block characters go only where the locale says that UTF-8 is understood. */
const currentStyle = () => {
  const { LC_ALL, LC_CTYPE, LANG } = process.env
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "") ?? ""
  return terminalStyle({ colour: usesColour(), unicode: /utf-?8/i.test(locale) })
}

const makeReport = (request: ReportOptions) =>
  Effect.gen(function* () {
    const now = new Date()
    const since = yield* periodOf("--since", request.since, now)
    const until = yield* periodOf("--until", request.until, now)
    if (since !== undefined && until !== undefined && since >= until)
      return yield* wrongUsage(`--since ${request.since} is not before --until ${request.until}.`)
    const geo = yield* geoOf(request)
    const jail = yield* configuredJail(request)
    const matcher = (yield* isShippedFilter(jail)) ? undefined : yield* makeMatcher(jail.filter)
    const { guard } = yield* loadConfiguration(request.config, {})
    const [never, rules, services] = yield* Effect.all(
      [gatherNeverBan(thisHost(), guard.never), rulesOfNow, serviceNames],
      { concurrency: "unbounded" }
    )
    const givenUp = yield* Deferred.make<never, CommandFailure>()
    const maker = new ReportMaker({
      jail,
      countsProbes: matcher === undefined,
      since,
      until,
      now,
      seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
      neverBan: never
    })
    const partial = yield* readLogs(request, maker, now, takerOf(maker, jail, matcher, givenUp)).pipe(
      Effect.raceFirst(Deferred.await(givenUp))
    )
    const banLogFile = yield* readBanLog(request, maker)
    const made = maker.finish({ geo, services, rules, banLogFile, partial })
    if (made.sensor.packets === 0)
      return yield* new CommandFailure({
        status: ExitStatus.noInput,
        message: nothingFound(made, request.files)
      })
    return made
  })

const nothingFound = ({ sensor }: Report, files: ReadonlyArray<string>): string => {
  if (sensor.outside > 0) return `All ${sensor.outside} packets in ${files.join(", ")} are outside of the period.`
  return `There is no ${sensor.lines === 0 ? "line" : "packet of pf"} in ${files.join(", ")}: nothing can be reported.`
}

const wrongUsage = (problem: string) =>
  new CommandFailure({ status: ExitStatus.usage, message: `${problem} See "pfasciilogd report --help".` })

const periodOf = (flag: string, text: string, now: Date): Effect.Effect<number | undefined, CommandFailure> => {
  if (text === "") return Effect.succeed(undefined)
  const second = parsePeriod(text, now)
  return second === undefined
    ? wrongUsage(
        `${flag} is ${JSON.stringify(text)}: a time such as 2026-11-22, 2026-11-22T06:00 or 7d (ago) is accepted.`
      )
    : Effect.succeed(second)
}

/** The shipped filter counts probes: it needs no expression to be tried on each line. */
const isShippedFilter = (jail: JailSpec) =>
  Effect.map(shippedJail(), ({ filter }) => {
    const ofInterest = (one: JailSpec["filter"]) => JSON.stringify({ ...one, name: "", usedns: "" })
    return ofInterest(filter) === ofInterest(jail.filter)
  })

/** Hands lines to the report, with what a filter other than the shipped one makes of each. */
const takerOf =
  (
    maker: ReportMaker,
    jail: JailSpec,
    matcher: FilterMatcher | undefined,
    givenUp: Deferred.Deferred<never, CommandFailure>
  ): TakeLines =>
  (lines) =>
    matcher === undefined
      ? Effect.sync(() => {
          for (const line of lines) maker.line(line)
        })
      : matchInTime(matcher, lines, (line, match) => maker.line(line, match)).pipe(
          // The reader takes no failure: it waits, and a race ends it.
          Effect.catchAll((slow) => Effect.zipRight(Deferred.fail(givenUp, tooSlow(jail, slow)), Effect.never))
        )

/** Reads all logs in the order of their beginnings, and tells which could be read only in part. */
const readLogs = (request: ReportOptions, maker: ReportMaker, now: Date, take: TakeLines) =>
  Effect.gen(function* () {
    const progress = makeProgress()
    const source = (file: string) => ({ file, tcpdump: request.tcpdump, standardInput: NodeStream.stdin })
    const secondOf = (line: string) => {
      const time = decodeLine(line)?.time
      return time === undefined ? lineTime(line, now) : Math.floor(time / 1e6)
    }
    const logs = yield* Effect.forEach(request.files, (file) =>
      Effect.map(firstSecond(source(file), secondOf), (begins) => ({
        file,
        begins: begins ?? Number.NEGATIVE_INFINITY
      }))
    )
    const ordered = logs.sort((left, right) => left.begins - right.begins)
    const partial: Array<string> = []
    for (const [index, { file }] of ordered.entries()) {
      maker.begin(ordered[index + 1]?.begins ?? Number.POSITIVE_INFINITY)
      const problem = yield* readLogLines(source(file), (lines) =>
        Effect.tap(take(lines), () => Effect.sync(() => progress.add(lines.length)))
      ).pipe(
        // A log that is cut off in its compression counts as far as it goes.
        Effect.catchIf(
          (error) => error.reason === "compression",
          (error) => Effect.succeed(error.message)
        )
      )
      if (problem !== undefined) partial.push(problem)
    }
    progress.end()
    yield* Effect.forEach(partial, (problem) => Effect.logWarning(problem))
    return partial
  })

/** Reads fail2ban's log: one that is named must be there, the usual one may be missing. */
const readBanLog = (request: ReportOptions, maker: ReportMaker) => {
  const file = Option.getOrElse(request.banLog, () => defaultBanLog)
  const read = Effect.as(
    readLogLines({ file, tcpdump: request.tcpdump, standardInput: NodeStream.stdin }, (lines) =>
      Effect.sync(() => {
        for (const line of lines) maker.banLog.line(line)
      })
    ),
    file
  )
  return Option.isSome(request.banLog) ? read : Effect.catchAll(read, (_: LogInputError) => Effect.succeed(undefined))
}
