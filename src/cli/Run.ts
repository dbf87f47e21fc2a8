import * as Command from "@effect/cli/Command"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Configuration } from "../config/Configuration.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { configOption, loadConfiguration, settingOptions } from "./ConfigurationOptions.ts"
import { exitStatusOf } from "./ExitStatus.ts"
import { reportFailure } from "./Report.ts"

/** `pfasciilogd run`: the service itself. */
export const runCommand = Command.make(
  "run",
  { config: configOption, settings: settingOptions },
  ({ config, settings }) =>
    loadConfiguration(config, settings).pipe(
      Effect.flatMap(runUntilInterrupted),
      Effect.mapError((error) => new CommandFailure({ status: exitStatusOf(error), message: error.message }))
    )
).pipe(
  Command.withDescription(
    "Follows the packets that pf logs and appends a line for each to the log, until it gets TERM or INT. " +
      "HUP and USR1 open the log anew. Example: pfasciilogd run --read /var/log/pflog --log-file /tmp/pf.log"
  )
)

/** TERM and INT interrupt this effect; the pipeline itself is asked to stop in order, and waited for. */
const runUntilInterrupted = (configuration: Configuration) =>
  Effect.gen(function* () {
    // Loaded here, not at the start: --help and --version need none of it.
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
