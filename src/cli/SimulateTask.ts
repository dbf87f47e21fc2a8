import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import ipaddr from "ipaddr.js"
import { scanRules } from "../config/ScanRules.ts"
import { readFilter } from "../fail2ban/filter/FilterFile.ts"
import { makeMatcher } from "../fail2ban/match/Matcher.ts"
import { parseDuration } from "../fail2ban/replay/Duration.ts"
import type { JailSpec } from "../fail2ban/replay/JailSpec.ts"
import { Simulation, type SimulationResult } from "../fail2ban/replay/Simulation.ts"
import { colourStyle, plainStyle } from "../fail2ban/report/ReportStyle.ts"
import { simulationJson } from "../fail2ban/report/SimulationJson.ts"
import { simulationText } from "../fail2ban/report/SimulationText.ts"
import { parseAddress } from "../host/neverban/Network.ts"
import { type NeverBanList, reasonText } from "../host/neverban/NeverBanList.ts"
import { gatherNeverBan, thisHost } from "../host/neverban/Sources.ts"
import { isSpared } from "../scan/Spared.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { loadConfiguration } from "./ConfigurationOptions.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { print } from "./Print.ts"
import { asFailure, configuredJail, type ReplayRequest, replayMatched } from "./ReplayLogs.ts"

/** What the command line asks for; texts are empty where nothing is given. */
export interface SimulateRequest extends ReplayRequest {
  readonly filter: string
  readonly maxretry: string
  readonly findtime: string
  readonly bantime: string
  readonly grid: boolean
  readonly openLoop: boolean
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
    yield* replayMatched(request, jail, matcher, now, simulation)
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
