import * as fs from "node:fs"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { runCapture } from "../capture/Capture.ts"
import { LogLostError, SavedCaptureError, type TcpdumpError } from "../capture/CaptureError.ts"
import type { Configuration } from "../config/Configuration.ts"
import { explain, systemCall } from "../host/Errno.ts"
import { claimPidFile, holdPidFile, type PidFileError } from "../host/PidFile.ts"
import { signalQueue } from "../host/Signals.ts"
import { counterSignals } from "../host/System.ts"
import type { LogFileError } from "../log/AppendFile.ts"
import { LineBuffer } from "../log/LineBuffer.ts"
import { mainLogSetting } from "../log/LogFile.ts"
import { captureInterface, readSavedCaptures } from "./CaptureRuns.ts"
import { codecOf } from "./Codec.ts"
import { answerWithCounters, noteEnding } from "./CounterNotices.ts"
import { Counters } from "./Counters.ts"
import { type Ending, lastNoticesGrace, type StopOverdueError, withinBound } from "./Ending.ts"
import { warnOfFolders } from "./FolderWarnings.ts"
import { openOutput, startWriting } from "./LogOutput.ts"
import { keepTextfile } from "./MetricsTextfile.ts"
import { makeNotices } from "./Notices.ts"
import { rotateUpon } from "./Rotation.ts"
import * as Service from "./Services.ts"
import { warnOfSilence } from "./SilenceWarning.ts"

/** All that can end the pipeline. */
export type PipelineError =
  | LogFileError
  | PidFileError
  | TcpdumpError
  | SavedCaptureError
  | LogLostError
  | StopOverdueError

/**
 * The main job: packets in, lines out, until `stop` is done or the saved captures are at their end. It is not meant to be
 * interrupted: `stop` ends it in order, with nothing lost; and within its bound, whatever hangs.
 */
export const runPipeline = (
  configuration: Configuration,
  stop: Deferred.Deferred<void>
): Effect.Effect<void, PipelineError> =>
  withinBound(configuration, stop, (ending) =>
    Effect.gen(function* () {
      // Both before anything is opened: a run that can't begin leaves no file.
      yield* Effect.forEach(configuration.capture.read, refuseUnreadable, { discard: true })
      yield* claimPidFile(configuration.process.pidFile)
      // The scope of the stages ends before that of the services: what runs beside the capture still has its log.
      yield* Effect.provide(Effect.scoped(runStages(ending)), services(configuration, stop))
    }).pipe(Effect.scoped)
  )

/** A capture that can't be read ends the run before anything is written. */
const refuseUnreadable = (path: string): Effect.Effect<void, SavedCaptureError> =>
  path === "-"
    ? Effect.void
    : systemCall<void>((done) => fs.access(path, fs.constants.R_OK, done)).pipe(
        Effect.mapError((error) => new SavedCaptureError({ path, why: explain(error) }))
      )

/**
 * Streams from a scoped tcpdump, through a typed decoder, into a log file as a `Resource`, which the signals HUP and USR1 swap;
 * with supervised restarts.
 */
const runStages = (ending: Ending) =>
  Effect.gen(function* () {
    const { capture, process: ours } = yield* Service.Configuration
    const logs = yield* Service.allLogs
    ending.unwritten = () =>
      logs.map(({ path, unwritten }) => ({ path, bytes: unwritten() })).filter(({ bytes }) => bytes > 0)

    const rotations = yield* signalQueue(["SIGHUP", "SIGUSR1"])
    yield* Effect.forkScoped(rotateUpon(rotations))
    const questions = yield* signalQueue(counterSignals(process.platform))
    yield* Effect.forkScoped(answerWithCounters(questions))
    yield* holdPidFile(ours.pidFile)

    yield* announceStart
    yield* warnOfFolders
    const flush = yield* startWriters
    yield* Effect.forkScoped(warnOfSilence)
    yield* Effect.forkScoped(keepTextfile())

    const captured = yield* Effect.exit(capture.read.length === 0 ? captureInterface : readSavedCaptures)

    // No finalizer: in one, nothing could be given up.
    yield* flush
    yield* Deferred.succeed(ending.flushed, undefined)
    yield* captured
    const lost = ending.unwritten()
    if (lost.length > 0) return yield* new LogLostError({ logs: lost })
  })

/** Announces what is logged where. */
const announceStart = Effect.gen(function* () {
  const { capture, log } = yield* Service.Configuration
  const source = capture.read.length === 0 ? capture.interface : capture.read.join(", ")
  yield* Effect.flatMap(Service.Notices, (notices) => notices.announce("info", `logging ${source} to ${log.file}`))
})

/** Writes what waits for each log; returns what writes the last lines, or gives them up within its bounds. */
const startWriters = Effect.gen(function* () {
  const { log } = yield* Service.Configuration
  const counters = yield* Service.Counters
  const main = yield* Service.MainLog
  const scans = yield* Service.ScanLog
  const finishMain = yield* startWriting(main, (bytes) => {
    counters.bytes += bytes
  })
  const finishScans = scans === undefined ? undefined : yield* startWriting(scans.output, () => undefined)
  return Effect.gen(function* () {
    const begin = yield* Clock.currentTimeMillis
    if (scans !== undefined) yield* scans.settle
    // Before the main log, which takes the notices about the second one; and is written all the while.
    if (finishScans !== undefined) yield* finishScans(log.flushGrace)
    yield* noteEnding
    const passed = Duration.millis((yield* Clock.currentTimeMillis) - begin)
    yield* finishMain(Duration.max(Duration.subtract(log.flushGrace, passed), lastNoticesGrace(log.flushGrace)))
  })
})

/** What the stages share. Each layer is built before the ones above it, and released after them. */
const services = (configuration: Configuration, stop: Deferred.Deferred<void>) =>
  Layer.empty.pipe(
    Layer.provideMerge(Layer.succeed(Service.Capture, { run: runCapture })),
    Layer.provideMerge(Layer.scoped(Service.ScanLog, scanLog)),
    Layer.provideMerge(Layer.scoped(Service.MainLog, mainLog)),
    Layer.provideMerge(Layer.effect(Service.Notices, Effect.zipWith(Service.Codec, Service.Lines, makeNotices))),
    Layer.provideMerge(Layer.sync(Service.Counters, () => new Counters())),
    Layer.provideMerge(Layer.sync(Service.Lines, () => new LineBuffer(configuration.log.buffer))),
    Layer.provideMerge(Layer.sync(Service.Codec, () => codecOf(configuration))),
    Layer.provideMerge(Layer.succeed(Service.Stop, stop)),
    Layer.provideMerge(Layer.succeed(Service.Configuration, configuration))
  )

const mainLog = Effect.gen(function* () {
  const { log } = yield* Service.Configuration
  return yield* openOutput(log.file, log.mode, yield* Service.Lines, yield* Service.Notices, mainLogSetting)
})

/** Loads its module only where scans are wanted: that would slow down every start. */
const scanLog = Effect.gen(function* () {
  const configuration = yield* Service.Configuration
  if (configuration.scan.file === "") return undefined
  const { openScanLog } = yield* Effect.promise(() => import("./ScanLog.ts"))
  return yield* openScanLog(configuration, yield* Service.Counters, yield* Service.Notices)
})
