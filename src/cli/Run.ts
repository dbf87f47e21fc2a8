import * as Command from "@effect/cli/Command"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Configuration } from "../config/Configuration.ts"
import { escapeText } from "../format/Escape.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { configOption, loadRunConfiguration, settingOptions } from "./ConfigurationOptions.ts"
import { exitStatusOf } from "./ExitStatus.ts"
import { reportFailure } from "./Report.ts"

/** `pfasciilogd run`: the service itself. */
export const runCommand = Command.make(
  "run",
  { config: configOption, settings: settingOptions },
  ({ config, settings }) =>
    loadRunConfiguration(config, settings).pipe(
      Effect.flatMap(runUntilInterrupted),
      Effect.mapError((error) => new CommandFailure({ status: exitStatusOf(error), message: error.message }))
    )
).pipe(
  Command.withDescription(
    "Follows the packets that pf logs and appends a line for each to the log, until it gets TERM or INT. " +
      "HUP and USR1 open the log anew. Example: pfasciilogd run --read /var/log/pflog --log-file /tmp/pf.log"
  )
)

/** Old packets in a log that fail2ban follows become bans of today. */
const warnOfFollowers = (log: string) =>
  Effect.gen(function* () {
    const { jailsFollowing } = yield* Effect.promise(() => import("../validate/Followers.ts"))
    const jails = yield* jailsFollowing(log)
    if (jails.length === 0) return
    yield* Effect.logWarning(
      `warning: ${jails.length === 1 ? "the jail" : "the jails"} ${jails.map(escapeText).join(", ")} of fail2ban ${jails.length === 1 ? "follows" : "follow"} ${log}: ` +
        "it takes old packets for new ones, and may ban their hosts now. Better give --log-file a log of its own."
    )
  })

/** TERM and INT interrupt this effect; the pipeline itself is asked to stop in order, and waited for. */
const runUntilInterrupted = (configuration: Configuration) =>
  Effect.gen(function* () {
    // Loaded here, not at the start: --help and --version need none of it.
    if (configuration.capture.read.length > 0) yield* warnOfFollowers(configuration.log.file)
    const { runPipeline } = yield* Effect.promise(() => import("../run/Pipeline.ts"))
    const stop = yield* Deferred.make<void>()
    const pipeline = yield* Effect.forkDaemon(runPipeline(configuration, stop))
    const stopInOrder = Deferred.succeed(stop, undefined).pipe(
      Effect.zipRight(Fiber.join(pipeline)),
      // An interrupted effect has no error channel any more: what goes wrong now is reported here.
      Effect.catchAll((error) => reportFailure(exitStatusOf(error), error.message))
    )
    return yield* Fiber.join(pipeline).pipe(Effect.onInterrupt(() => stopInOrder))
  })
