import * as Command from "@effect/cli/Command"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Configuration } from "../config/Configuration.ts"
import { escapeText } from "../format/Escape.ts"
import { keepYoungHeapSmall } from "../host/Engine.ts"
import { stopInOrder } from "../host/Termination.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { configOption, loadRunConfiguration, settingOptions } from "./ConfigurationOptions.ts"
import { exitStatusOf } from "./ExitStatus.ts"
import { reportFailure } from "./StderrLog.ts"
import { subcommand } from "./Subcommand.ts"

const runCommand = Command.make("run", { config: configOption, settings: settingOptions }, ({ config, settings }) =>
  loadRunConfiguration(config, settings).pipe(
    Effect.flatMap(runUntilInterrupted),
    Effect.mapError((error) => new CommandFailure({ status: exitStatusOf(error), message: error.message }))
  )
).pipe(
  Command.withDescription(
    "Write a line for each packet that pf logs, until TERM or INT. HUP and USR1 open the log anew, as newsyslog(8) asks for. " +
      "Each setting is also a key of the configuration file and an environment variable PFASCIILOGD_...; a flag goes before the environment, that before the file."
  )
)

/** Old packets in a log that fail2ban follows become bans of today. */
const warnOfFollowers = (log: string) =>
  Effect.gen(function* () {
    const { jailsFollowing } = yield* Effect.promise(() => import("../validate/FollowingJails.ts"))
    const jails = yield* jailsFollowing(log)
    if (jails.length === 0) return
    yield* Effect.logWarning(
      `warning: ${jails.length === 1 ? "the jail" : "the jails"} ${jails.map(escapeText).join(", ")} of fail2ban ${jails.length === 1 ? "follows" : "follow"} ${log}: ` +
        "it takes old packets for new ones, and may ban their hosts now. Better give --log-file a log of its own."
    )
  })

/** `pfasciilogd run`: the service itself. */
export const runSubcommand = subcommand("run", runCommand, {
  examples: [
    ["pfasciilogd run", "capture from pflog0 into /var/log/pf.log, as the service does"],
    ["pfasciilogd run --read /var/log/pflog --log-file /tmp/pf.log", "convert a capture that pflogd has saved"],
    ["pfasciilogd run --decoder packet --format json --log-file /var/log/pf.json", "write ECS JSON for a log collector"]
  ],
  statuses: ["noInput", "unavailable", "software", "cantCreate", "ioError", "noPermission", "configuration"]
})

/** TERM and INT interrupt this effect; the pipeline itself is asked to stop in order, and waited for. */
const runUntilInterrupted = (configuration: Configuration) =>
  Effect.gen(function* () {
    stopInOrder()
    keepYoungHeapSmall()
    // Loaded here, not at the start: --help and --version need none of it.
    if (configuration.capture.read.length > 0) yield* warnOfFollowers(configuration.log.file)
    const { runPipeline } = yield* Effect.promise(() => import("../run/Pipeline.ts"))
    const stop = yield* Deferred.make<void>()
    const pipeline = yield* Effect.forkDaemon(runPipeline(configuration, stop))
    const stopAndWait = Deferred.succeed(stop, undefined).pipe(
      Effect.zipRight(Fiber.join(pipeline)),
      // An interrupted effect has no error channel any more: what goes wrong now is reported here.
      Effect.catchAll((error) => reportFailure(exitStatusOf(error), error.message))
    )
    return yield* Fiber.join(pipeline).pipe(Effect.onInterrupt(() => stopAndWait))
  })
