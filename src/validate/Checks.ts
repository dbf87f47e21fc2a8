import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { TriedCommand } from "../capture/TcpdumpUsage.ts"
import type { Configuration } from "../config/Configuration.ts"
import { type NeverBanHost, thisHost } from "../host/neverban/Sources.ts"
import type { HostFiles } from "../host/System.ts"
import { givenTimeZone } from "../host/TimeZone.ts"
import { checkFail2ban } from "./Fail2banChecks.ts"
import { type Jails, readJails } from "./Fail2banJails.ts"
import {
  checkInstance,
  checkLogFile,
  checkLogFolder,
  checkPidFolder,
  checkRoom,
  checkSavedCaptures
} from "./FileChecks.ts"
import { type Finding, failed } from "./Finding.ts"
import { checkNewsyslog } from "./NewsyslogCheck.ts"
import { checkPf } from "./PfChecks.ts"
import { checkServiceFlags } from "./ServiceCheck.ts"
import { checkCommandLine, checkExpression, checkInterface, checkTcpdump, checkUser, tryRun } from "./TcpdumpChecks.ts"
import { checkTimeZone } from "./TimeZoneCheck.ts"

type Check = Effect.Effect<ReadonlyArray<Finding>>

const single = (check: Effect.Effect<Finding>): Check => Effect.map(check, (finding) => [finding])

/** Our logs, each as if it were the only one. */
const logsOf = ({ log, scan }: Pick<Configuration, "log" | "scan">): ReadonlyArray<Configuration["log"]> =>
  scan.file === "" ? [log] : [log, { ...log, file: scan.file }]

/** Checks of what `run` needs from the start: waiting does not help where one of them fails. */
const checksBeforeStart = (
  { capture, log, process, scan }: Configuration,
  trial: Effect.Effect<TriedCommand>
): ReadonlyArray<Check> => [
  single(checkTcpdump(capture)),
  single(checkUser(capture)),
  single(checkExpression(capture)),
  checkCommandLine(capture, trial),
  checkSavedCaptures(capture),
  ...logsOf({ log, scan }).flatMap((each) => [single(checkLogFolder(each)), single(checkLogFile(each))]),
  single(checkPidFolder(process))
]

/** Checks of what is around the program. */
const checksOfHost = (
  configuration: Configuration,
  files: HostFiles,
  host: NeverBanHost,
  jails: Effect.Effect<Jails>,
  trial: Effect.Effect<TriedCommand>
): ReadonlyArray<Check> => [
  single(checkInterface(configuration.capture, trial)),
  single(checkRoom(configuration.log)),
  single(checkInstance(configuration.process)),
  single(checkTimeZone(givenTimeZone)),
  checkServiceFlags,
  ...logsOf(configuration).map((log) => checkNewsyslog({ ...configuration, log }, files)),
  checkPf(configuration, jails),
  checkFail2ban(configuration, host, jails)
]

/**
 * Runs the checks at the same time, and gives their findings in order. A check that breaks is a finding, too.
 *
 * @param extent whether to check all, or only what `run` needs from the start
 */
export const runChecks = (
  configuration: Configuration,
  files: HostFiles,
  extent: "before-start" | "all",
  host: NeverBanHost = thisHost()
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    // fail2ban-client takes a second to start, and the checks of pf and of fail2ban both need its answer.
    const jails = yield* Effect.cached(readJails)
    const trial = yield* Effect.cached(tryRun(configuration.capture))
    const checks = [
      ...checksBeforeStart(configuration, trial),
      ...(extent === "all" ? checksOfHost(configuration, files, host, jails, trial) : [])
    ].map((check) => Effect.catchAllCause(check, broken))
    const findings = yield* Effect.all(checks, { concurrency: 4 })
    return findings.flat()
  })

const broken = (cause: Cause.Cause<never>): Check =>
  Effect.succeed([
    failed(
      "validate",
      `a check broke: ${Cause.pretty(cause).split("\n")[0] ?? ""}`,
      "This is a bug in pfasciilogd: please report it."
    )
  ])
