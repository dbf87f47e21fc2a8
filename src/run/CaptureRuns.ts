import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { openSavedCapture } from "../capture/Backfill.ts"
import type { CaptureHandlers } from "../capture/Capture.ts"
import { type CaptureEnd, SavedCaptureError, type TcpdumpError } from "../capture/CaptureError.ts"
import { killLeftovers, markAsOurs } from "../capture/Leftovers.ts"
import { makePrinters } from "../capture/Printers.ts"
import { askForStatistics, StatisticsReader } from "../capture/Statistics.ts"
import { supervise } from "../capture/Supervisor.ts"
import { type OptionalOption, type Source, tcpdumpCommand } from "../capture/Tcpdump.ts"
import { UsageReader } from "../capture/TcpdumpUsage.ts"
import { decoders } from "../decode/Decoders.ts"
import { CaptureReport, describeEnd } from "./CaptureReport.ts"
import { decodeInto, type Intake, type PrintingTools, printInto, roomIn } from "./Intake.ts"
import { PrinterReport } from "./PrinterReport.ts"
import * as Service from "./Services.ts"

/** A tcpdump that has run this long counts as started well, also where pf logs nothing. */
const provenAfter = Duration.seconds(5)

/** What one run of tcpdump hands to the next. */
interface Tools {
  /** The options that tcpdump is known not to take; what is learned is added. */
  readonly refused: Set<OptionalOption>
  /** What prints the records, for the text decoder. */
  readonly printing: PrintingTools | undefined
}

const makeTools: Effect.Effect<Tools, never, Service.Configuration | Service.Counters | Service.Notices | Scope.Scope> =
  Effect.gen(function* () {
    const { capture } = yield* Service.Configuration
    const refused = new Set<OptionalOption>()
    if (decoders[capture.decoder].reads === "records") return { refused, printing: undefined }
    const report = new PrinterReport(yield* Service.Counters, yield* Service.Notices)
    const printers = yield* makePrinters(capture, refused, (why) => report.failed(why))
    return { refused, printing: { printers, report } }
  })

/** Captures from the interface until the run must stop; starts tcpdump again whenever it ends. */
export const captureInterface = Effect.gen(function* () {
  const { capture, process, restart } = yield* Service.Configuration
  const counters = yield* Service.Counters
  const notices = yield* Service.Notices
  const report = new CaptureReport(notices)
  const source: Source = { _tag: "Interface", name: capture.interface }
  const killed = yield* killLeftovers(process.pidFile)
  if (killed.length > 0) {
    notices.note("info", `ended what an earlier run of ours, itself killed, had left running: ${killed.join(", ")}`)
  }
  const run = captureOnce(yield* makeTools, report, source)
  yield* supervise(run, restart, yield* Service.Stop, (outcome, delay) => {
    counters.restarts += 1
    counters.nextCapture()
    return report.ended(outcome, delay)
  })
}).pipe(Effect.scoped)

/** Reads saved captures, one after the other, to their ends. */
export const readSavedCaptures = Effect.gen(function* () {
  const { capture } = yield* Service.Configuration
  const tools = yield* makeTools
  yield* Effect.forEach(capture.read, (path) => Effect.scoped(readSavedCapture(tools, path)), { discard: true })
}).pipe(Effect.scoped)

const readSavedCapture = (tools: Tools, path: string) =>
  Effect.gen(function* () {
    const stop = yield* Service.Stop
    const notices = yield* Service.Notices
    if (yield* Deferred.isDone(stop)) return
    const saved = yield* openSavedCapture(path)
    const end = yield* captureOnce(tools, new CaptureReport(notices), saved.source)
    if (yield* Deferred.isDone(stop)) return
    const failure = yield* saved.failure
    if (failure?.isCutOff === true) {
      return yield* notices.announce("warning", `${path} is compressed and cut off; all before its end was read.`)
    }
    const judged = judgeSavedCapture(path, end)
    if (judged instanceof SavedCaptureError) return yield* judged
    if (failure !== undefined) return yield* failure
    if (judged !== undefined) yield* notices.announce("warning", judged)
  })

// "tcpdump: truncated dump file; tried to read 24 file header bytes, only got 0"
const nothingRead = /truncated dump file; tried to read \d+ file header bytes, only got 0$/

/** How the reading of a saved capture went: well (nothing), with a warning, or with an error. */
const judgeSavedCapture = (path: string, end: CaptureEnd): string | SavedCaptureError | undefined => {
  if (end.lastWords.some((words) => nothingRead.test(words))) return `${path} is empty: it holds no packets.`
  const truncated =
    end.problem?.reason === "truncated" || end.lastWords.some((words) => words.includes("truncated dump file"))
  if (truncated) return `${path} ends in the middle of a packet; all before it was read.`
  const succeeded = end.status._tag === "Exited" && end.status.status === 0 && end.problem === undefined
  return succeeded ? undefined : new SavedCaptureError({ path, why: `tcpdump ${describeEnd(end)}` })
}

/** What one run of tcpdump needs. */
type CaptureServices =
  | Service.Capture
  | Service.Configuration
  | Service.Counters
  | Service.Codec
  | Service.Lines
  | Service.Notices
  | Service.ScanLog
  | Service.Stop

/**
 * One run of tcpdump: its bytes become lines in the buffer. Where it turns out not to take an option of ours, it is started
 * again at once without that one.
 */
const captureOnce = (
  tools: Tools,
  report: CaptureReport,
  source: Source
): Effect.Effect<CaptureEnd, TcpdumpError, CaptureServices> =>
  Effect.gen(function* () {
    const notices = yield* Service.Notices
    const usage = new UsageReader()
    const end = yield* runOnce(tools, report, source, usage)
    // Only a stop gives a tcpdump up, and the supervisor reports no end after a stop.
    if (end.status._tag === "Stuck") yield* notices.announce("error", `tcpdump ${describeEnd(end)}: it is left behind.`)
    const more = [...usage.refused].filter((option) => !tools.refused.has(option))
    const failed = end.status._tag === "Exited" && end.status.status !== 0
    if (!failed || more.length === 0 || (yield* Deferred.isDone(yield* Service.Stop))) return end
    for (const option of more) tools.refused.add(option)
    notices.note("info", `this tcpdump does not take ${more.join(", ")}: it is started again without`)
    return yield* captureOnce(tools, report, source)
  })

const runOnce = (tools: Tools, report: CaptureReport, source: Source, usage: UsageReader) =>
  Effect.gen(function* () {
    const { capture, process } = yield* Service.Configuration
    const { run } = yield* Service.Capture
    const command = markAsOurs(tcpdumpCommand(capture, source, tools.refused), process.pidFile)
    return yield* run(command, capture.tcpdump, yield* Service.Stop, capture.stopGrace, (pid) =>
      Effect.gen(function* () {
        report.started(pid, source._tag === "Interface" ? source.name : source.path)
        yield* Effect.forkScoped(
          Effect.delay(
            Effect.sync(() => report.proved()),
            provenAfter
          )
        )
        if (source._tag === "Interface") yield* Effect.forkScoped(keepAsking(capture.statisticsInterval, pid))
        const decoded = yield* decodeInto(pid)
        const intake = tools.printing === undefined ? decoded : yield* printInto(tools.printing, decoded)
        return yield* handlersFor(report, usage, intake)
      })
    )
  })

/** Asks tcpdump from time to time what the kernel has dropped. */
const keepAsking = (interval: Duration.Duration, pid: number) => {
  if (Duration.equals(interval, Duration.zero)) return Effect.void
  return Effect.forever(
    Effect.delay(
      Effect.sync(() => askForStatistics(pid)),
      interval
    )
  )
}

const handlersFor = (report: CaptureReport, usage: UsageReader, intake: Intake) =>
  Effect.gen(function* () {
    const counters = yield* Service.Counters
    const notices = yield* Service.Notices
    const room = roomIn(yield* Service.Stop, yield* Service.Lines)
    const statistics = new StatisticsReader()
    const handlers: CaptureHandlers = {
      onBytes: (bytes) => {
        report.proved()
        return intake.onBytes(bytes)
      },
      onWords: (lines) => {
        report.said(lines.filter((line) => !statistics.take(line) && !usage.take(line)))
        const dropped = counters.kernelTold(statistics.latest)
        return dropped > 0 ? Effect.zipRight(notices.announce("warning", dropWarning(dropped)), room) : room
      },
      onEnd: intake.onEnd
    }
    return handlers
  })

const dropWarning = (dropped: number): string =>
  `the kernel has dropped ${dropped} packets before tcpdump could read them: they are in no log. ` +
  "Raise capture.kernel_buffer, log fewer packets in pf.conf, or narrow capture.expression."
