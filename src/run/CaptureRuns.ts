import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { openSavedCapture } from "../capture/Backfill.ts"
import type { CaptureHandlers } from "../capture/Capture.ts"
import { runCapture } from "../capture/Capture.ts"
import { type CaptureEnd, SavedCaptureError, type TcpdumpError } from "../capture/CaptureError.ts"
import { askForStatistics, StatisticsReader } from "../capture/Statistics.ts"
import { supervise } from "../capture/Supervisor.ts"
import { type OptionalOption, type Source, tcpdumpCommand } from "../capture/Tcpdump.ts"
import { UsageReader } from "../capture/TcpdumpUsage.ts"
import { CaptureReport, describeEnd } from "./CaptureReport.ts"
import type { Parts } from "./Context.ts"

/** How many bytes become lines at once: what a processor's cache holds together with these lines. */
const handledAtOnce = 128 * 1024

/** A tcpdump that has run this long counts as started well, also where pf logs nothing. */
const provenAfter = Duration.seconds(5)

/** Captures from the interface until we are told to stop; tcpdump is started again whenever it ends. */
export const captureInterface = (parts: Parts) => {
  const { configuration, stop, counters, notices } = parts
  const report = new CaptureReport(notices)
  const source: Source = { _tag: "Interface", name: configuration.capture.interface }
  return supervise(captureOnce(parts, report, source, new Set()), configuration.restart, stop, (outcome, delay) => {
    counters.restarts += 1
    counters.nextCapture()
    return report.ended(outcome, delay)
  })
}

/** Reads saved captures, one after the other, to their ends. */
export const readSavedCaptures = (parts: Parts) =>
  Effect.forEach(
    parts.configuration.capture.read,
    (path) =>
      Effect.gen(function* () {
        if (yield* Deferred.isDone(parts.stop)) return
        const saved = yield* openSavedCapture(path)
        const end = yield* captureOnce(parts, new CaptureReport(parts.notices), saved.source, new Set())
        if (yield* Deferred.isDone(parts.stop)) return
        const judged = judgeSavedCapture(path, end)
        if (judged instanceof SavedCaptureError) return yield* judged
        yield* Effect.flatMap(saved.failure, (failure) => failure ?? Effect.void)
        if (judged !== undefined) yield* parts.notices.tell("warning", judged)
      }).pipe(Effect.scoped),
    { discard: true }
  )

/** How the reading of a saved capture went: nothing to tell, a warning, or an error. */
const judgeSavedCapture = (path: string, end: CaptureEnd): string | SavedCaptureError | undefined => {
  const truncated =
    end.problem?.reason === "truncated" || end.lastWords.some((words) => words.includes("truncated dump file"))
  if (truncated) return `${path} ends in the middle of a packet; all before it was read.`
  const succeeded = end.status._tag === "Exited" && end.status.status === 0 && end.problem === undefined
  return succeeded ? undefined : new SavedCaptureError({ path, why: `tcpdump ${describeEnd(end)}` })
}

/**
 * One run of tcpdump: its bytes become lines in the buffer. Where it turns out not to take an option of ours, it is started
 * again at once without that one.
 *
 * @param refused the options that tcpdump is known not to take; what is learned is added
 */
const captureOnce = (
  parts: Parts,
  report: CaptureReport,
  source: Source,
  refused: Set<OptionalOption>
): Effect.Effect<CaptureEnd, TcpdumpError> =>
  Effect.gen(function* () {
    const usage = new UsageReader()
    const end = yield* runOnce(parts, report, source, refused, usage)
    // Only a stop gives a tcpdump up, and the supervisor tells no end of that.
    if (end.status._tag === "Stuck")
      yield* parts.notices.tell("error", `tcpdump ${describeEnd(end)}: it is left behind.`)
    const more = [...usage.refused].filter((option) => !refused.has(option))
    const failed = end.status._tag === "Exited" && end.status.status !== 0
    if (!failed || more.length === 0 || (yield* Deferred.isDone(parts.stop))) return end
    for (const option of more) refused.add(option)
    parts.notices.note("info", `this tcpdump does not take ${more.join(", ")}: it is started again without`)
    return yield* captureOnce(parts, report, source, refused)
  })

const runOnce = (
  parts: Parts,
  report: CaptureReport,
  source: Source,
  refused: ReadonlySet<OptionalOption>,
  usage: UsageReader
) => {
  const { tcpdump, stopGrace } = parts.configuration.capture
  const command = tcpdumpCommand(parts.configuration.capture, source, refused)
  return runCapture(command, tcpdump, parts.stop, stopGrace, (pid) =>
    Effect.gen(function* () {
      report.started(pid, source._tag === "Interface" ? source.name : source.path)
      yield* Effect.forkScoped(
        Effect.delay(
          Effect.sync(() => report.proved()),
          provenAfter
        )
      )
      if (source._tag === "Interface") yield* Effect.forkScoped(keepAsking(parts, pid))
      return handlersFor(parts, report, pid, usage)
    })
  )
}

/** Asks tcpdump from time to time what the kernel has dropped. */
const keepAsking = ({ configuration }: Parts, pid: number) => {
  const interval = configuration.capture.statisticsInterval
  if (Duration.equals(interval, Duration.zero)) return Effect.void
  return Effect.forever(
    Effect.delay(
      Effect.sync(() => askForStatistics(pid)),
      interval
    )
  )
}

const handlersFor = (parts: Parts, report: CaptureReport, pid: number, usage: UsageReader): CaptureHandlers => {
  const { stop, buffer, counters, notices } = parts
  const transcoder = parts.encoding.transcoder(counters, pid)
  const statistics = new StatisticsReader()
  // stderr's last words are told by a finalizer: there a race whose loser can't be interrupted would never end.
  const room = Effect.suspend(() =>
    buffer.hasRoom
      ? Effect.void
      : Effect.raceFirst(Effect.interruptible(buffer.room), Effect.interruptible(Deferred.await(stop)))
  )
  return {
    onBytes: (bytes) => {
      report.proved()
      for (let at = 0; at < bytes.length; at += handledAtOnce) {
        const { lines, problem } = transcoder.push(bytes.subarray(at, at + handledAtOnce))
        buffer.append(lines)
        if (problem !== undefined) return problem
      }
      return room
    },
    onWords: (lines) => {
      report.said(lines.filter((line) => !statistics.take(line) && !usage.take(line)))
      const dropped = counters.kernelTold(statistics.latest)
      return dropped > 0 ? Effect.zipRight(notices.tell("warning", dropWarning(dropped)), room) : room
    },
    onEnd: Effect.suspend(() => {
      const { lines, problem } = transcoder.end()
      buffer.append(lines)
      return problem ?? Effect.void
    })
  }
}

const dropWarning = (dropped: number): string =>
  `the kernel has dropped ${dropped} packets before tcpdump could read them: they are in no log. ` +
  "Log fewer packets in pf.conf, narrow capture.expression, or use the faster decoder (--decoder packet)."
