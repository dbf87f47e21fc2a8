import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { UnwrittenLines } from "../capture/CaptureError.ts"
import type { Configuration } from "../config/Configuration.ts"

/** The pipeline has not come to its end within its bound: a system call of ours, or a process, does not end. */
export class StopOverdueError extends Data.TaggedError("StopOverdueError")<{
  readonly logs: ReadonlyArray<UnwrittenLines>
}> {
  override get message(): string {
    const given = "the stop is given up: a file system, or tcpdump, does not answer"
    const lost = ({ path, bytes }: UnwrittenLines) =>
      `the last ${bytes} bytes of lines are lost, unless ${path} still takes a write that hangs`
    return this.logs.length === 0 ? `${given}. No line is lost.` : `${given}: ${this.logs.map(lost).join("; ")}.`
  }
}

/** How long closing all files may take behind the last line. */
const closeGrace = Duration.seconds(2)

/** What the parts of a stop take beyond their graces, where all of them hang: 1 s each for tcpdump and the log, and the closing. */
const hangingGrace = Duration.sum(Duration.seconds(2), closeGrace)

/** A stop waits so long for the never-ban list, without which no scan is logged. */
export const settleGrace = Duration.seconds(3)

/**
 * The main log has so long for its last notices where a second log has used up `flushGrace`, all of which time the main log could be
 * written as well.
 */
export const lastNoticesGrace = (flushGrace: Duration.Duration): Duration.Duration =>
  Duration.min(flushGrace, Duration.seconds(1))

/** What a stop takes more with a second log: that log's own second for a write that hangs is the last. */
const scanGrace = [settleGrace, Duration.seconds(1), Duration.seconds(1)].reduce(Duration.sum)

/** How long a stop takes at most until it is given up. */
const longestStop = ({ capture, log, scan }: Configuration): Duration.Duration =>
  [log.flushGrace, hangingGrace, ...(scan.file === "" ? [] : [scanGrace])].reduce(Duration.sum, capture.stopGrace)

/** How the pipeline ends. */
export interface Ending {
  /** Done once the run must stop. */
  readonly stop: Deferred.Deferred<void>
  /** To be done once the last lines are written or given up: only the closing is left. */
  readonly flushed: Deferred.Deferred<void>
  /** The logs with lines that are in no file yet. */
  unwritten: () => ReadonlyArray<UnwrittenLines>
}

/**
 * Runs the pipeline and waits for its end: without a limit until it must stop or has flushed its lines, and no longer than its
 * bound from then on. What does not answer by then is left behind, and ends with the process.
 */
export const withinBound = <E>(
  configuration: Configuration,
  stop: Deferred.Deferred<void>,
  pipeline: (ending: Ending) => Effect.Effect<void, E>
): Effect.Effect<void, E | StopOverdueError> =>
  Effect.gen(function* () {
    const flushed = yield* Deferred.make<void>()
    const ending: Ending = { stop, flushed, unwritten: () => [] }
    const stopIsOver = Effect.zipRight(Deferred.await(stop), Effect.sleep(longestStop(configuration)))
    const closingIsOver = Effect.zipRight(Deferred.await(flushed), Effect.sleep(closeGrace))
    const overdue = Effect.raceFirst(stopIsOver, closingIsOver).pipe(
      Effect.flatMap(() => new StopOverdueError({ logs: ending.unwritten() }))
    )
    const running = yield* Effect.forkDaemon(pipeline(ending))
    yield* Effect.raceFirst(Fiber.join(running), overdue)
  })
