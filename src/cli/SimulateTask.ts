import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import type * as Option from "effect/Option"
import ipaddr from "ipaddr.js"
import type { ConfigurationError } from "../config/ConfigurationError.ts"
import { scanRules } from "../config/ScanRules.ts"
import { decodeLine } from "../decode/text/TextDecoder.ts"
import type { ClientDumpError } from "../fail2ban/client/ClientDump.ts"
import { configurationFolders, readChangedDump, unchanged } from "../fail2ban/client/ConfigurationCopy.ts"
import type { FilterError } from "../fail2ban/filter/FilterError.ts"
import { readFilter } from "../fail2ban/filter/FilterFile.ts"
import { firstSecond, type LogInputError, readLogLines } from "../fail2ban/logs/LogInput.ts"
import { makeMatcher } from "../fail2ban/match/Matcher.ts"
import type { PatternError } from "../fail2ban/regex/PatternError.ts"
import { parseDuration } from "../fail2ban/replay/Duration.ts"
import { type JailSpec, type JailSpecError, jailSpecIn } from "../fail2ban/replay/JailSpec.ts"
import { lineTime } from "../fail2ban/replay/LineTime.ts"
import { shippedJail } from "../fail2ban/replay/ShippedJail.ts"
import { Simulation, type SimulationResult } from "../fail2ban/replay/Simulation.ts"
import { colourStyle, plainStyle } from "../fail2ban/report/ReportStyle.ts"
import { simulationJson } from "../fail2ban/report/SimulationJson.ts"
import { simulationText } from "../fail2ban/report/SimulationText.ts"
import { matchInTime, type SlowLine } from "../fail2ban/trial/MatchInTime.ts"
import { escapeText } from "../format/Escape.ts"
import { parseAddress } from "../host/neverban/Network.ts"
import { type NeverBanList, reasonText } from "../host/neverban/NeverBanList.ts"
import { gatherNeverBan, thisHost } from "../host/neverban/Sources.ts"
import { isSpared } from "../scan/Spared.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { loadConfiguration } from "./ConfigurationOptions.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { print } from "./Print.ts"
import { makeProgress } from "./Progress.ts"

/** What the command line asks for; texts are empty where nothing is given. */
export interface SimulateRequest {
  readonly config: Option.Option<string>
  readonly jail: string
  readonly fail2ban: string
  readonly filter: string
  readonly maxretry: string
  readonly findtime: string
  readonly bantime: string
  readonly grid: boolean
  readonly openLoop: boolean
  readonly json: boolean
  readonly tcpdump: string
  readonly files: ReadonlyArray<string>
}

/** How many bans the table lists. */
const mostBans = 50

/** Replays the jail over the logs and prints whom it would have banned. */
export const simulate = (request: SimulateRequest) =>
  Effect.gen(function* () {
    const jail = yield* jailOf(request)
    const result = yield* simulateLogs(request, jail)
    const layout = { style: usesColour() ? colourStyle : plainStyle, openLoop: request.openLoop, mostBans }
    yield* print(request.json ? simulationJson(jail, result) : simulationText(jail, result, layout))
  }).pipe(Effect.mapError(asFailure))

/** The jail that is asked for, with what the command line puts in place of its own. */
const jailOf = (request: SimulateRequest) =>
  Effect.gen(function* () {
    const jail = yield* configuredJail(request)
    const filter = request.filter === "" ? jail.filter : yield* readFilter(request.filter)
    const maxretry = yield* numberOf("--maxretry", request.maxretry, jail.rules.maxretry, (text) =>
      /^[1-9]\d*$/.test(text) ? Number(text) : undefined
    )
    const findtime = yield* numberOf("--findtime", request.findtime, jail.rules.findtime, parseDuration)
    const bantime = yield* numberOf("--bantime", request.bantime, jail.rules.bantime, parseDuration)
    return { ...jail, filter, rules: { ...jail.rules, maxretry, findtime, bantime } }
  })

/** The jail of fail2ban's configuration that is named, or the shipped one. */
export const configuredJail = ({ jail, fail2ban }: { readonly jail: string; readonly fail2ban: string }) =>
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

const numberOf = (
  flag: string,
  text: string,
  otherwise: number,
  parse: (text: string) => number | undefined
): Either.Either<number, CommandFailure> => {
  if (text === "") return Either.right(otherwise)
  const value = parse(text)
  return value === undefined
    ? Either.left(
        new CommandFailure({
          status: ExitStatus.usage,
          message: `${flag} is ${JSON.stringify(text)}: ${flag === "--maxretry" ? "a whole number above 0" : "a time such as 600, 10m or 1d"} is accepted.`
        })
      )
    : Either.right(value)
}

const simulateLogs = (request: SimulateRequest, jail: JailSpec) =>
  Effect.gen(function* () {
    const matcher = yield* makeMatcher(jail.filter)
    const { guard, scan } = yield* loadConfiguration(request.config, {})
    // It asks programs of the host, which takes longer than a short log.
    const gathering = yield* Effect.fork(gatherNeverBan(thisHost(), guard.never))
    const now = new Date()
    const simulation = new Simulation({
      jail,
      openLoop: request.openLoop,
      grid: request.grid,
      scan: scanRules(scan),
      now
    })
    const progress = makeProgress()
    const givenUp = yield* Deferred.make<never, CommandFailure>()
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
    for (const [index, { file }] of ordered.entries()) {
      simulation.begin(ordered[index + 1]?.begins ?? Number.POSITIVE_INFINITY)
      const partial = yield* readLogLines(source(file), (lines) =>
        matchInTime(matcher, lines, (line, match) => simulation.line(line, match)).pipe(
          Effect.tap(() => Effect.sync(() => progress.add(lines.length))),
          // The reader takes no failure: it waits, and the race below ends it.
          Effect.catchAll((slow) => Effect.zipRight(Deferred.fail(givenUp, tooSlow(jail, slow)), Effect.never))
        )
      ).pipe(
        // A log that is cut off in its compression counts as far as it goes.
        Effect.catchIf(
          (error) => error.reason === "compression",
          (error) => Effect.succeed(error.message)
        ),
        Effect.raceFirst(Deferred.await(givenUp))
      )
      if (partial !== undefined) yield* Effect.logWarning(partial)
    }
    progress.end()
    const list = yield* Fiber.join(gathering)
    const result: SimulationResult = simulation.finish({
      neverBan: reasonsIn(list),
      kindOf,
      spares: (source) => isSpared(list, source)
    })
    if (result.entries === 0 && result.counted === 0 && result.undated === 0)
      return yield* new CommandFailure({
        status: ExitStatus.noInput,
        message: `${result.lines === 0 ? "There is no line" : "There is no packet of pf, and no line that the filter matches,"} in ${request.files.join(", ")}: nothing can be simulated.`
      })
    return result
  })

/** What the user reads where a filter does not come to an end with a line. */
export const tooSlow = ({ filter }: JailSpec, { line, millis }: SlowLine): CommandFailure =>
  new CommandFailure({
    status: ExitStatus.findings,
    message:
      `the replay is given up: ${filter.name} takes more than ${millis / 1000} s for a line, during which fail2ban bans nobody. ` +
      `Mend it with "pfasciilogd test-pattern". The line: ${escapeText(line.slice(0, 200))}`
  })

const reasonsIn =
  (list: NeverBanList) =>
  (address: string): ReadonlyArray<string> => {
    const network = parseAddress(address)
    return network === undefined ? [] : list.covering(network).map(reasonText)
  }

/** What an address is by itself, beyond an ordinary one of the Internet. */
const kindOf = (address: string): ReadonlyArray<string> => {
  if (!ipaddr.isValid(address)) return []
  const range = ipaddr.parse(address).range()
  return range === "unicast" ? [] : [kinds[range] ?? range]
}

const kinds: Readonly<Record<string, string>> = {
  private: "private address",
  uniqueLocal: "private address",
  linkLocal: "link-local address",
  loopback: "this host itself (loopback)",
  carrierGradeNat: "shared address of a provider (RFC 6598)",
  reserved: "reserved address"
}

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
