import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Counters } from "./Counters.ts"
import { type CaptureHandlers, runCapture } from "./capture/Capture.ts"
import {
  type CaptureEnd,
  describeStatus,
  LogLostError,
  SavedCaptureError,
  type TcpdumpError
} from "./capture/CaptureError.ts"
import { type Outcome, supervise } from "./capture/Supervisor.ts"
import { type Source, tcpdumpCommand } from "./capture/Tcpdump.ts"
import type { Configuration } from "./config/Configuration.ts"
import { counterSignals } from "./config/Host.ts"
import { makePacketDecoder } from "./decode/packet/PacketDecoder.ts"
import { makeTextDecoder } from "./decode/TextDecoder.ts"
import { makeAsciiFormat } from "./format/Ascii.ts"
import type { Format } from "./format/Format.ts"
import { makeJsonFormat } from "./format/Json.ts"
import type { LogFileError } from "./log/AppendFile.ts"
import { LineBuffer } from "./log/LineBuffer.ts"
import { type LogFile, makeLogFile } from "./log/LogFile.ts"
import { type WriterEvents, writeLog } from "./log/LogWriter.ts"
import { holdPidFile, type PidFileError, refuseSecondInstance } from "./log/PidFile.ts"
import { signalQueue } from "./log/Signals.ts"
import { makeNotices, type Notices, systemClock } from "./Notices.ts"
import { makeTranscoder, type Transcoded, type Transcoder } from "./Transcoder.ts"

/** All that can end the pipeline. */
export type PipelineError = LogFileError | PidFileError | TcpdumpError | SavedCaptureError | LogLostError

/** How long an orderly stop waits for a log that can't be written. */
const flushGrace = Duration.seconds(10)

/**
 * The main job: packets in, lines out, until `stop` is done or the saved captures are at their end. It is not meant to be
 * interrupted: `stop` ends it in order, with nothing lost.
 */
export const runPipeline = (
  configuration: Configuration,
  stop: Deferred.Deferred<void>
): Effect.Effect<void, PipelineError, CommandExecutor.CommandExecutor | Scope.Scope> =>
  Effect.gen(function* () {
    yield* refuseSecondInstance(configuration.process.pidFile)
    const log = yield* makeLogFile(configuration.log.file, configuration.log.mode)
    const buffer = new LineBuffer(configuration.log.buffer)
    const format = formatOf(configuration)
    const part: Parts = {
      configuration,
      stop,
      log,
      buffer,
      format,
      counters: new Counters(),
      notices: makeNotices(format, buffer)
    }
    yield* listen(part)
    yield* holdPidFile(configuration.process.pidFile)

    const writer = yield* Effect.forkDaemon(writeLog(buffer, log, writerEvents(part)))
    yield* Effect.ensuring(capture(part), flush(part, writer))
    if (buffer.size > 0) yield* new LogLostError({ path: configuration.log.file, bytes: buffer.size })
  })

/** What the functions of this module work with. */
interface Parts {
  readonly configuration: Configuration
  readonly stop: Deferred.Deferred<void>
  readonly log: LogFile
  readonly buffer: LineBuffer
  readonly format: Format
  readonly counters: Counters
  readonly notices: Notices
}

const formatOf = ({ log }: Configuration): Format => (log.format === "json" ? makeJsonFormat() : makeAsciiFormat())

/** Acts on the signals that come while we run: rotation, and the counters. */
const listen = ({ log, counters, notices }: Parts) =>
  Effect.gen(function* () {
    const rotations = yield* signalQueue(["SIGHUP", "SIGUSR1"])
    const rotate = log.rotate.pipe(
      Effect.zipRight(Effect.sync(() => (counters.rotations += 1))),
      Effect.catchAll((error) => notices.tell("error", `${error.message} The file in use stays in use.`))
    )
    yield* Effect.forkScoped(Stream.runForEach(Stream.fromQueue(rotations), () => rotate))

    const questions = yield* signalQueue(counterSignals(process.platform))
    const answer = Effect.suspend(() => notices.tell("info", counters.describe()))
    yield* Effect.forkScoped(Stream.runForEach(Stream.fromQueue(questions), () => answer))
  })

const writerEvents = ({ configuration, counters, notices }: Parts): WriterEvents => ({
  onTrouble: (why) => {
    counters.writeRetries += 1
    return notices.tell("error", `${why} The lines wait in memory, up to log.buffer; then reading stops.`)
  },
  onRetry: Effect.sync(() => {
    counters.writeRetries += 1
  }),
  onRecovery: notices.tell("info", `${configuration.log.file} can be written again; no line was lost.`)
})

/** Lets the writer finish, within bounds where the log can't be written. */
const flush = ({ buffer }: Parts, writer: Fiber.RuntimeFiber<void>) =>
  Effect.suspend(() => {
    buffer.close()
    // A join can be given up, while a write that hangs in the kernel can't.
    return Fiber.join(writer).pipe(Effect.timeoutOption(flushGrace), Effect.asVoid)
  })

const capture = (part: Parts) =>
  part.configuration.capture.read.length === 0 ? captureInterface(part) : readFiles(part)

const captureInterface = (part: Parts) => {
  const { configuration, stop, counters, notices } = part
  const source: Source = { _tag: "Interface", name: configuration.capture.interface }
  return supervise(captureOnce(part, source), configuration.restart, stop, (outcome, delay) => {
    counters.restarts += 1
    return notices.tell("warning", `${describeOutcome(outcome)} Starting it again in ${Duration.format(delay)}.`)
  })
}

const describeOutcome = (outcome: Outcome): string =>
  Either.isLeft(outcome) ? outcome.left.message : `tcpdump ${describeEnd(outcome.right)}.`

const describeEnd = ({ status, problem, lastWords }: CaptureEnd): string =>
  `${describeStatus(status)}${problem === undefined ? "" : `, since ${problem.message}`}${lastWords.length === 0 ? "" : `, saying: ${lastWords.join(" | ")}`}`

const readFiles = (part: Parts) =>
  Effect.forEach(
    part.configuration.capture.read,
    (path) =>
      Effect.gen(function* () {
        if (yield* Deferred.isDone(part.stop)) return
        const end = yield* captureOnce(part, { _tag: "File", path })
        if (yield* Deferred.isDone(part.stop)) return
        const judged = judgeSavedCapture(path, end)
        if (typeof judged === "string") yield* part.notices.tell("warning", judged)
        else if (judged !== undefined) yield* judged
      }),
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

/** One run of tcpdump: its bytes become lines in the buffer. */
const captureOnce = (part: Parts, source: Source) => {
  const { tcpdump, stopGrace } = part.configuration.capture
  const command = tcpdumpCommand(part.configuration.capture, source)
  return runCapture(command, tcpdump, part.stop, stopGrace, (pid) =>
    part.notices
      .tell("info", `started tcpdump[${pid}] on ${source._tag === "File" ? source.path : source.name}`)
      .pipe(Effect.as(handlersFor(part, pid)))
  )
}

const handlersFor = (part: Parts, pid: number): CaptureHandlers => {
  const { stop, buffer, notices } = part
  const transcoder = transcoderFor(part, pid)
  const append = ({ lines, problem }: Transcoded) => {
    buffer.append(lines)
    return problem ?? Effect.void
  }
  const room = Effect.suspend(() =>
    buffer.hasRoom ? Effect.void : Effect.raceFirst(buffer.room, Deferred.await(stop))
  )
  const gather = (bytes: Uint8Array) => (bytes.length < smallChunk ? Effect.sleep(gatherTime) : Effect.void)
  return {
    onBytes: (bytes) => append(transcoder.push(bytes)).pipe(Effect.zipRight(room), Effect.zipRight(gather(bytes))),
    onWords: (lines) => {
      notices.relay(pid, lines)
      return room
    },
    onEnd: Effect.suspend(() => append(transcoder.end()))
  }
}

const transcoderFor = ({ configuration, format, counters }: Parts, pid: number): Transcoder =>
  configuration.capture.decoder === "packet"
    ? makeTranscoder(makePacketDecoder(), format, counters, pid, systemClock)
    : makeTranscoder(makeTextDecoder(), format, counters, pid, systemClock)

// Under load each read of a few lines costs as much as one of a thousand: after a small one, more is let come together.
const smallChunk = 16 * 1024
const gatherTime = Duration.millis(4)
