import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { ConfigurationError } from "../config/ConfigurationError.ts"
import { decodeLine } from "../decode/text/TextDecoder.ts"
import type { ClientDumpError } from "../fail2ban/client/ClientDump.ts"
import { configurationFolders, readChangedDump, unchanged } from "../fail2ban/client/ConfigurationCopy.ts"
import type { FilterError } from "../fail2ban/filter/FilterError.ts"
import {
  firstSecond,
  type LogInputError,
  type LogSource,
  readLogLines,
  type TakeLines
} from "../fail2ban/logs/LogInput.ts"
import type { FilterMatcher, MatchResult } from "../fail2ban/match/Matcher.ts"
import type { PatternError } from "../fail2ban/regex/PatternError.ts"
import { type JailSpec, type JailSpecError, jailSpecIn } from "../fail2ban/replay/JailSpec.ts"
import { lineTime } from "../fail2ban/replay/LineTime.ts"
import { shippedJail } from "../fail2ban/replay/ShippedJail.ts"
import { matchInTime, type SlowLine } from "../fail2ban/trial/MatchInTime.ts"
import { escapeText } from "../format/Escape.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { makeProgress } from "./Progress.ts"

/** What the subcommands that replay a jail over logs are asked for; texts are empty where nothing is given. */
export interface ReplayRequest {
  readonly config: Option.Option<string>
  readonly jail: string
  readonly fail2ban: string
  readonly json: boolean
  readonly tcpdump: string
  readonly files: ReadonlyArray<string>
}

/** Who replays logs, in the order of their beginnings. */
export interface Replay<Match> {
  /** A log begins; the next one does at that second since 1970, or never. */
  readonly begin: (nextBegins: number) => void
  /** Takes a line, and what the filter makes of it. */
  readonly line: (line: string, match: Match) => void
}

/** The jail of fail2ban's configuration that is named, or the shipped one. */
export const configuredJail = ({ jail, fail2ban }: Pick<ReplayRequest, "jail" | "fail2ban">) =>
  Effect.gen(function* () {
    if (jail === "" && fail2ban === "") return yield* shippedJail()
    const fileSystem = yield* FileSystem.FileSystem
    const folders = fail2ban === "" ? configurationFolders : [fail2ban]
    const folder = yield* Effect.findFirst(folders, (path) =>
      Effect.orElseSucceed(fileSystem.exists(path), () => false)
    )
    if (folder._tag === "None")
      return yield* new CommandFailure({
        status: ExitStatus.noInput,
        message: `There is no folder ${folders.join(" or ")}: name fail2ban's configuration with --fail2ban DIR.`
      })
    const name = jail === "" ? "pfasciilogd" : jail
    const { commands } = yield* readChangedDump(folder.value, name, unchanged)
    return yield* jailSpecIn(commands, name)
  })

/** A log, or what else is named where a log is expected. */
export const logSource = ({ tcpdump }: Pick<ReplayRequest, "tcpdump">, file: string): LogSource => ({
  file,
  tcpdump,
  standardInput: NodeStream.stdin
})

/**
 * Replays all logs, with what the jail's filter makes of each line. It is given up where the filter takes too long for one.
 *
 * @returns why logs that could be read only in part could not be read to their end
 */
export const replayMatched = (
  request: ReplayRequest,
  jail: JailSpec,
  matcher: FilterMatcher,
  now: Date,
  replay: Replay<MatchResult>
) =>
  Effect.gen(function* () {
    const givenUp = yield* Deferred.make<never, CommandFailure>()
    const take: TakeLines = (lines) =>
      matchInTime(matcher, lines, (line, match) => replay.line(line, match)).pipe(
        // The reader takes no failure: it waits, and the race ends it.
        Effect.catchAll((slow) => Effect.zipRight(Deferred.fail(givenUp, tooSlow(jail, slow)), Effect.never))
      )
    return yield* Effect.raceFirst(replayLogs(request, now, replay, take), Deferred.await(givenUp))
  })

/** The same without a filter. */
export const replayUnmatched = (request: ReplayRequest, now: Date, replay: Replay<undefined>) =>
  replayLogs(request, now, replay, (lines) =>
    Effect.sync(() => {
      for (const line of lines) replay.line(line, undefined)
    })
  )

const replayLogs = (request: ReplayRequest, now: Date, replay: Pick<Replay<never>, "begin">, take: TakeLines) =>
  Effect.gen(function* () {
    const progress = makeProgress()
    const secondOf = (line: string) => {
      const time = decodeLine(line)?.time
      return time === undefined ? lineTime(line, now) : Math.floor(time / 1e6)
    }
    const logs = yield* Effect.forEach(request.files, (file) =>
      Effect.map(firstSecond(logSource(request, file), secondOf), (begins) => ({
        file,
        begins: begins ?? Number.NEGATIVE_INFINITY
      }))
    )
    const ordered = logs.sort((left, right) => left.begins - right.begins)
    const partial: Array<string> = []
    for (const [index, { file }] of ordered.entries()) {
      replay.begin(ordered[index + 1]?.begins ?? Number.POSITIVE_INFINITY)
      const problem = yield* readLogLines(logSource(request, file), (lines) =>
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

/** What the user reads where a filter does not come to an end with a line. */
const tooSlow = ({ filter }: JailSpec, { line, millis }: SlowLine): CommandFailure =>
  new CommandFailure({
    status: ExitStatus.findings,
    message:
      `the replay is given up: ${filter.name} takes more than ${millis / 1000} s for a line, during which fail2ban bans nobody. ` +
      `Mend it with "pfasciilogd test-pattern". The line: ${escapeText(line.slice(0, 200))}`
  })

type Failure =
  | ConfigurationError
  | FilterError
  | PatternError
  | LogInputError
  | JailSpecError
  | ClientDumpError
  | CommandFailure

/** What a subcommand that replays logs can fail with, as its exit status and message. */
export const asFailure = (error: Failure): CommandFailure =>
  error instanceof CommandFailure ? error : new CommandFailure({ status: statusOf(error), message: error.message })

const statusOf = (error: Exclude<Failure, CommandFailure>): number => {
  switch (error._tag) {
    case "JailSpecError":
      return error.reason === "no-jail" ? ExitStatus.noInput : ExitStatus.configuration
    case "ClientDumpError":
      return error.reason === "no-client" || error.reason === "unreadable"
        ? ExitStatus.unavailable
        : ExitStatus.configuration
    case "ConfigurationError":
      return ExitStatus.configuration
    case "LogInputError":
      return error.reason === "tcpdump" ? ExitStatus.unavailable : ExitStatus.noInput
    default:
      return error.reason === "not-found" ? ExitStatus.noInput : ExitStatus.usage
  }
}
