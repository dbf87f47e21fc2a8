import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type LogInputError, readLogLines } from "../fail2ban/logs/LogInput.ts"
import { makeMatcher } from "../fail2ban/match/Matcher.ts"
import type { JailSpec } from "../fail2ban/replay/JailSpec.ts"
import { shippedJail } from "../fail2ban/replay/ShippedJail.ts"
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
import {
  asFailure,
  configuredJail,
  logSource,
  type ReplayRequest,
  replayMatched,
  replayUnmatched
} from "./ReplayLogs.ts"
import { geoOf, rulesOfNow, serviceNames } from "./ReportSurroundings.ts"
import { version } from "./Version.ts"

/** What the command line asks for; texts are empty where nothing is given. */
export interface ReportRequest extends ReplayRequest {
  readonly html: string
  readonly banLog: Option.Option<string>
  readonly country: string
  readonly asn: string
  readonly since: string
  readonly until: string
}

/** Where fail2ban writes its log by default, on every system. */
const defaultBanLog = "/var/log/fail2ban.log"

/** Reads the logs and shows what they hold: in a file for a browser, as JSON, or on the terminal. */
export const report = (request: ReportRequest) =>
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

const makeReport = (request: ReportRequest) =>
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
    const maker = new ReportMaker({
      jail,
      countsProbes: matcher === undefined,
      since,
      until,
      now,
      seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
      neverBan: never
    })
    const partial = yield* matcher === undefined
      ? replayUnmatched(request, now, maker)
      : replayMatched(request, jail, matcher, now, maker)
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

/** Reads fail2ban's log: one that is named must be there, the usual one may be missing. */
const readBanLog = (request: ReportRequest, maker: ReportMaker) => {
  const file = Option.getOrElse(request.banLog, () => defaultBanLog)
  const read = Effect.as(
    readLogLines(logSource(request, file), (lines) =>
      Effect.sync(() => {
        for (const line of lines) maker.banLog.line(line)
      })
    ),
    file
  )
  return Option.isSome(request.banLog) ? read : Effect.catchAll(read, (_: LogInputError) => Effect.succeed(undefined))
}
