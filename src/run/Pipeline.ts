import * as fs from "node:fs"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { LogLostError, SavedCaptureError, type TcpdumpError } from "../capture/CaptureError.ts"
import type { Configuration } from "../config/Configuration.ts"
import { explain, systemCall } from "../host/Errno.ts"
import { type Folder, folderOf } from "../host/Folder.ts"
import { claimPidFile, holdPidFile, type PidFileError } from "../host/PidFile.ts"
import { signalQueue } from "../host/Signals.ts"
import { counterSignals } from "../host/System.ts"
import type { LogFileError } from "../log/AppendFile.ts"
import { LineBuffer } from "../log/LineBuffer.ts"
import { captureInterface, readSavedCaptures } from "./CaptureRuns.ts"
import { codecOf } from "./Codec.ts"
import type { Parts } from "./Context.ts"
import { Counters } from "./Counters.ts"
import { type Ending, type StopOverdueError, withinBound } from "./Ending.ts"
import { giveUpGrace, type LogOutput, openOutput, startWriting } from "./LogOutput.ts"
import { sourceLabel, writeTextfile } from "./MetricsTextfile.ts"
import { makeNotices, systemClock } from "./Notices.ts"
import type { openScanLog } from "./ScanLog.ts"

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
  withinBound(configuration, stop, (ending) => Effect.scoped(runStages(configuration, ending)))

const runStages = (configuration: Configuration, ending: Ending): Effect.Effect<void, PipelineError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Effect.forEach(configuration.capture.read, refuseUnreadable, { discard: true })
    yield* claimPidFile(configuration.process.pidFile)
    const { log, scan } = configuration
    const buffer = new LineBuffer(log.buffer)
    const codec = codecOf(configuration)
    const notices = makeNotices(codec, buffer)
    const counters = new Counters()
    const main = yield* openOutput(log.file, log.mode, buffer, notices)
    const scans = scan.file === "" ? undefined : yield* scanLog(configuration, counters, notices)
    const outputs = scans === undefined ? [main] : [main, scans.output]
    ending.unwritten = () => outputs.reduce((sum, { unwritten }) => sum + unwritten(), 0)
    const parts: Parts = { configuration, stop: ending.stop, buffer, codec, counters, notices, scans }
    yield* listen(parts, outputs)
    yield* holdPidFile(configuration.process.pidFile)

    const { read, interface: name } = configuration.capture
    yield* parts.notices.tell(
      "info",
      `logging ${read.length === 0 ? name : read.join(", ")} to ${configuration.log.file}`
    )

    yield* warnOfFolders(parts, outputs)

    const finishMain = yield* startWriting(main, parts, (bytes) => {
      counters.bytes += bytes
    })
    const finishScans = scans === undefined ? Effect.void : yield* startWriting(scans.output, parts, () => undefined)
    yield* Effect.forkScoped(warnOfSilence(parts))
    yield* Effect.forkScoped(keepTextfile(parts))
    const captured = yield* Effect.exit(read.length === 0 ? captureInterface(parts) : readSavedCaptures(parts))
    // No finalizer: in one, nothing could be given up.
    if (scans !== undefined) yield* scans.settle
    // First, for what it tells of itself goes into the main log.
    yield* finishScans
    notices.note("info", lastNotice(parts))
    yield* finishMain
    yield* Deferred.succeed(ending.flushed, undefined)
    yield* captured
    for (const { path, unwritten } of outputs)
      if (unwritten() > 0) return yield* new LogLostError({ path, bytes: unwritten() })
  })

/** Loaded only where scans are wanted: it would slow down every start. */
const scanLog = (...wanted: Parameters<typeof openScanLog>) =>
  Effect.flatMap(
    Effect.promise(() => import("./ScanLog.ts")),
    ({ openScanLog }) => openScanLog(...wanted)
  )

/** A capture that can't be read is told before anything is written. */
const refuseUnreadable = (path: string): Effect.Effect<void, SavedCaptureError> =>
  path === "-"
    ? Effect.void
    : systemCall<void>((done) => fs.access(path, fs.constants.R_OK, done)).pipe(
        Effect.mapError((error) => new SavedCaptureError({ path, why: explain(error) }))
      )

/** Warns where others than root and we can change what we rely on, and of a log that can't be held. */
const warnOfFolders = ({ configuration, notices }: Parts, outputs: ReadonlyArray<LogOutput>) =>
  Effect.gen(function* () {
    const files = [...outputs.map(({ path }) => path), configuration.process.pidFile]
    const folders = yield* Effect.forEach(files, (file) => Effect.option(folderOf(file)))
    const shared = folders.flatMap(Option.toArray).filter(({ why }) => why !== "")
    for (const why of new Set(shared.map(describeDanger))) yield* notices.tell("warning", why)
    for (const { path, notHeld } of outputs) {
      if (notHeld === undefined) continue
      const why = `the log ${path} can't be held against a second writer: ${notHeld}. See to it that no other instance writes to it.`
      yield* notices.tell("warning", why)
    }
  })

const describeDanger = ({ why, remedy }: Folder): string =>
  `${why}, and so can remove or replace our files there. Take that right away (${remedy}), or set another path.`

/** Acts on the signals that come while we run: rotation, and the counters. */
const listen = ({ counters, notices }: Parts, outputs: ReadonlyArray<LogOutput>) =>
  Effect.gen(function* () {
    const rotations = yield* signalQueue(["SIGHUP", "SIGUSR1"])
    const rotate = Effect.forEach(
      outputs,
      ({ log }) =>
        log.rotate.pipe(
          Effect.as(true),
          Effect.catchAll((error) =>
            Effect.as(notices.tell("error", `${error.message} The file in use stays in use.`), false)
          )
        ),
      { concurrency: "unbounded" }
    ).pipe(
      Effect.flatMap((rotated) =>
        Effect.sync(() => {
          if (rotated.includes(true)) counters.rotations += 1
        })
      )
    )
    yield* Effect.forkScoped(Stream.runForEach(Stream.fromQueue(rotations), () => rotate))

    const questions = yield* signalQueue(counterSignals(process.platform))
    const answer = Effect.suspend(() => notices.tell("info", counters.describe()))
    yield* Effect.forkScoped(Stream.runForEach(Stream.fromQueue(questions), () => answer))
  })

/** The counters as they are once all that waits is written, this notice included: a count that is as long as its own digits. */
const lastNotice = ({ buffer, counters, codec }: Parts): string => {
  const waiting = counters.bytes + buffer.size
  const noticeOf = (bytes: number) => `ending: ${counters.describe(bytes)}`
  const lengthOf = (message: string) =>
    codec.notice({ time: systemClock(), level: "info", process: "pfasciilogd", pid: process.pid, message }).length
  let bytes = waiting
  for (let next = -1; next !== bytes; ) {
    next = bytes
    bytes = waiting + lengthOf(noticeOf(bytes))
  }
  return noticeOf(bytes)
}

/** Warns where pf has logged nothing for a long time, once until an entry comes. */
const warnOfSilence = ({ configuration, counters, notices }: Parts) => {
  const limit = configuration.capture.silenceWarning
  if (Duration.equals(limit, Duration.zero)) return Effect.void
  return Effect.gen(function* () {
    for (let warned = false; ; ) {
      const before = counters.entries
      yield* Effect.sleep(limit)
      const silent = counters.entries === before
      if (silent && !warned) {
        yield* notices.tell(
          "warning",
          `no entry for ${Duration.format(limit)}: does pf still log to ${configuration.capture.interface}? Look at "pfctl -s info" and "pfctl -s rules".`
        )
      }
      warned = silent
    }
  })
}

/** Writes the counters for Prometheus from time to time, and at the end, where that is asked for. */
const keepTextfile = ({ configuration, counters, notices }: Parts) => {
  const { textfile, interval } = configuration.metrics
  if (textfile === "") return Effect.void
  return Effect.gen(function* () {
    let failing = false
    const write = writeTextfile(textfile, sourceLabel(configuration.capture), counters).pipe(
      Effect.tap(() => {
        failing = false
      }),
      Effect.catchAll((error) => {
        const told = failing
        failing = true
        return told ? Effect.void : notices.tell("warning", `can't write metrics.textfile ${error.message}`)
      })
    )
    // The last one must not hold up the stop.
    const last = write.pipe(Effect.disconnect, Effect.interruptible, Effect.timeoutOption(giveUpGrace))
    yield* Effect.addFinalizer(() => last)
    yield* Effect.forever(Effect.delay(write, interval))
  })
}
