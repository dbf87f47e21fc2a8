import type * as Command from "@effect/platform/Command"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { DecodeProblem } from "../decode/Decoder.ts"
import type { Lent } from "../decode/Lent.ts"
import type { CaptureEnd, TcpdumpError } from "./CaptureError.ts"
import { signalGroup, startPiped } from "./PipedProcess.ts"
import { isStatistics } from "./Statistics.ts"
import { readWords } from "./Words.ts"

/** What a capture's user does with what comes. */
export interface CaptureHandlers {
  /** Takes the next bytes of stdout; it fails where they make no sense any more. */
  readonly onBytes: (bytes: Lent<Uint8Array>) => Effect.Effect<void, DecodeProblem>
  /** Takes lines of stderr, without their ends, one character a byte; reading goes on when it is done. */
  readonly onWords: (lines: ReadonlyArray<string>) => Effect.Effect<void>
  /** stdout has been read to its end, or made no sense any more. */
  readonly onEnd: Effect.Effect<void, DecodeProblem>
}

const lastWordsKept = 3

/** How long the pipes of a process that has ended may stay open without a byte. */
const quietTime = Duration.seconds(1)

/**
 * Runs tcpdump once, from its start until it has ended and both its pipes are read to their end.
 *
 * A stop is a value, not an interruption: once `stop` is done, tcpdump gets TERM, what it still writes is read, and after
 * `grace` it is killed. (Closing its scope alone would kill it at once and lose what is in the pipes.) What neither ends nor
 * falls silent then is left behind: a stop ends within `grace` and `quietTime`.
 *
 * @param started called with the process number when tcpdump has started; what it forks into the scope ends with the run
 * @param grace how long the process may take to end before it is killed
 */
export const runCapture = <R>(
  command: Command.Command,
  program: string,
  stop: Deferred.Deferred<void>,
  grace: Duration.Duration,
  started: (pid: number) => Effect.Effect<CaptureHandlers, never, R | Scope.Scope>
): Effect.Effect<CaptureEnd, TcpdumpError, Exclude<R, Scope.Scope>> =>
  Effect.scoped(
    Effect.gen(function* () {
      // Nanoseconds come from a clock that no step of the system's time moves.
      const startedAt = yield* Clock.currentTimeNanos
      const child = yield* startPiped(command, program)
      const handlers = yield* started(child.pid)

      const lastWords: Array<string> = []
      const speak = (lines: ReadonlyArray<string>) => {
        lastWords.push(...lines.filter((line) => !isRoutine(line)).slice(-lastWordsKept))
        lastWords.splice(0, Math.max(0, lastWords.length - lastWordsKept))
        return handlers.onWords(lines)
      }
      const reading: Reading = { steps: 0, busy: false }
      const stdout = yield* Effect.forkScoped(
        Stream.runForEach(child.output, (bytes) => {
          reading.steps += 1
          reading.busy = true
          return Effect.ensuring(
            Effect.suspend(() => handlers.onBytes(bytes)),
            Effect.sync(() => {
              reading.steps += 1
              reading.busy = false
            })
          )
        })
      )
      const stderr = yield* Effect.forkScoped(readWords(child.stderr, speak))

      const outputClosed = Effect.zip(Fiber.await(stdout), Fiber.await(stderr))
      const first = yield* Effect.raceAll([
        Effect.as(child.exited, "exited" as const),
        Effect.as(Fiber.await(stdout), "closed" as const),
        Effect.as(Deferred.await(stop), "stopped" as const)
      ])
      // A process that has closed its output is of no more use, but is usually just about to exit.
      if (first === "closed") yield* Effect.timeoutOption(child.exited, quietTime)
      if (first !== "exited") yield* endProcess(child.pid, child.exited, grace)
      const status = yield* Effect.raceFirst(child.exited, Effect.as(quietSince(stop), { _tag: "Stuck" } as const))
      const allRead = yield* readRest(child.pid, outputClosed, reading, grace, stop)
      if (!allRead) yield* Fiber.interrupt(stdout)
      yield* endGroup(child.pid, grace)
      const problem = yield* problemOf(stdout, handlers.onEnd)
      return { status, problem, lastWords, uptime: Duration.nanos((yield* Clock.currentTimeNanos) - startedAt) }
    })
  )

/** What tcpdump says in any run: no reason for its end. */
const isRoutine = (line: string): boolean => banner.test(line) || isStatistics(line)

const banner =
  /^(tcpdump: (verbose output|listening on|data link type|WARNING: )|listening on |reading from file |dropped privs to |$)/

/** What made the capture unreadable: on its way, or at its end. A pipe that failed or was given up has just ended. */
const problemOf = (
  stdout: Fiber.RuntimeFiber<void, DecodeProblem>,
  onEnd: Effect.Effect<void, DecodeProblem>
): Effect.Effect<DecodeProblem | undefined> =>
  Effect.gen(function* () {
    const read = problemIn(yield* Fiber.await(stdout))
    const ended = problemIn(yield* Effect.exit(onEnd))
    return read ?? ended
  })

const problemIn = (exit: Exit.Exit<void, DecodeProblem>): DecodeProblem | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (failure !== undefined) return failure
  const defect = Cause.dieOption(exit.cause)
  return Option.isSome(defect) ? internalError(defect.value) : undefined
}

/** Another start may do better, without the packet that we can't take. But the log must say so. */
const internalError = (defect: unknown): DecodeProblem =>
  new DecodeProblem({
    reason: "internal",
    offset: 0,
    message: `of an internal error (${String(defect)}), which is a bug in pfasciilogd: please report it`
  })

/** Sends TERM to a process, and KILL where it does not end within `grace`. */
const endProcess = (pid: number, exited: Effect.Effect<unknown>, grace: Duration.Duration): Effect.Effect<void> =>
  Effect.gen(function* () {
    signalGroup(pid, "SIGTERM")
    const inTime = yield* Effect.timeoutOption(exited, grace)
    if (Option.isNone(inTime)) signalGroup(pid, "SIGKILL")
  })

/**
 * Waits until the pipes of a process that has ended are read to their end. Others may have inherited them: they get TERM, and
 * KILL where they do not end within `grace`; one that has left the process group is given up once it is quiet, or once the run
 * must stop.
 */
const readRest = (
  pid: number,
  outputClosed: Effect.Effect<unknown>,
  reading: Reading,
  grace: Duration.Duration,
  stop: Deferred.Deferred<void>
): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    signalGroup(pid, "SIGTERM")
    const rest = untilQuiet(outputClosed, reading)
    const stopped = Effect.as(quietSince(stop), false)
    const inTime = yield* Effect.timeoutOption(Effect.raceFirst(rest, stopped), grace)
    if (Option.getOrElse(inTime, () => false)) return true
    signalGroup(pid, "SIGKILL")
    return yield* Effect.raceFirst(rest, stopped)
  })

/** Waits until the run must stop, and `quietTime` more. */
const quietSince = (stop: Deferred.Deferred<void>): Effect.Effect<void> =>
  Effect.zipRight(Deferred.await(stop), Effect.sleep(quietTime))

/** How often it is looked whether a process group is gone. */
const groupPoll = Duration.millis(10)

/** Waits until all that a process has started, which outlives it and may have closed its pipes, is gone; kills it after `grace`. */
const endGroup = (pid: number, grace: Duration.Duration): Effect.Effect<void> =>
  Effect.gen(function* () {
    const gone = Effect.gen(function* () {
      while (signalGroup(pid, 0)) yield* Effect.sleep(groupPoll)
    })
    const inTime = yield* Effect.timeoutOption(gone, grace)
    if (Option.isNone(inTime)) signalGroup(pid, "SIGKILL")
  })

/** What the reader of a pipe is doing. */
interface Reading {
  /** How often a chunk has come, or was handled. */
  steps: number
  /** Whether a chunk is being handled, which may wait for room in the log's buffer. */
  busy: boolean
}

/** How long a pipe's reader takes at most to hand on what is there. */
const readingTime = Duration.millis(20)

/** Waits for an effect for as long as a pipe is being read; returns whether it came to its end. */
const untilQuiet = (done: Effect.Effect<unknown>, reading: Reading): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    for (let seen = -1; reading.busy || seen !== reading.steps; ) {
      seen = reading.steps
      if (Option.isSome(yield* Effect.timeoutOption(done, quietTime))) return true
      // Where the machine gave us no time all the while, what has come is only read now.
      yield* Effect.sleep(readingTime)
    }
    return false
  })
