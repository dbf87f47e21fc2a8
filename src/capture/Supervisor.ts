import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import type { Configuration } from "../config/Configuration.ts"
import type { CaptureEnd, TcpdumpError } from "./CaptureError.ts"

/** A run of tcpdump that is over: how it ended, or why it couldn't start. */
export type Outcome = Either.Either<CaptureEnd, TcpdumpError>

/** When tcpdump is started again: after growing, jittered, capped delays that begin anew after a healthy run. */
export type RestartPolicy = Configuration["restart"]

/**
 * Runs `capture` again and again until `stop` is done; an end with status 0 is an end like any other.
 *
 * @param beforeDelay called with each outcome and the delay that follows it
 */
export const supervise = <R>(
  capture: Effect.Effect<CaptureEnd, TcpdumpError, R>,
  policy: RestartPolicy,
  stop: Deferred.Deferred<void>,
  beforeDelay: (outcome: Outcome, delay: Duration.Duration) => Effect.Effect<void>
): Effect.Effect<void, never, R> =>
  Effect.gen(function* () {
    const driver = yield* Schedule.driver(restartSchedule(policy, beforeDelay))
    while (true) {
      const outcome = yield* Effect.either(capture)
      if (yield* Deferred.isDone(stop)) return
      yield* Effect.raceFirst(Effect.ignore(driver.next(outcome)), Deferred.await(stop))
      if (yield* Deferred.isDone(stop)) return
    }
  })

/** The delays between an outcome and the next start. */
export const restartSchedule = (
  policy: RestartPolicy,
  beforeDelay: (outcome: Outcome, delay: Duration.Duration) => Effect.Effect<void>
): Schedule.Schedule<Outcome, Outcome> =>
  Schedule.exponential(policy.initialDelay).pipe(
    Schedule.union(Schedule.spaced(policy.maxDelay)),
    Schedule.jittered,
    Schedule.passthrough<[Duration.Duration, number], Outcome, never>,
    // Schedule.resetAfter would count from the first failure, and so reset the delays of a crash loop.
    Schedule.resetWhen((outcome) => uptime(outcome) >= Duration.toMillis(policy.healthyAfter)),
    Schedule.modifyDelayEffect((outcome, delay) => {
      // The jitter reaches 20 % beyond the longest delay, and to fractions of a millisecond that nobody wants to read.
      const capped = Duration.millis(Math.round(Duration.toMillis(Duration.min(delay, policy.maxDelay))))
      return Effect.as(beforeDelay(outcome, capped), capped)
    })
  )

const uptime = (outcome: Outcome): number => (Either.isRight(outcome) ? Duration.toMillis(outcome.right.uptime) : 0)
