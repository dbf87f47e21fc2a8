import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import { beginsAsCapture, firstRecordSecond } from "../../decode/packet/PcapFile.ts"
import { LineSplitter } from "../../decode/text/Lines.ts"
import { makeTextDecoder } from "../../decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../../format/Ascii.ts"
import { compressionOf } from "../../host/Compression.ts"
import { explain } from "../../host/Errno.ts"
import { startStreamed } from "../../host/StreamedProgram.ts"

/**
 * A log that cannot be judged.
 *
 * - `not-found`: the file does not exist or cannot be read (exit status 66);
 * - `tcpdump`: it is a capture, and tcpdump cannot be started or cannot read it (exit status 69);
 * - `compression`: it is compressed, and the program that decompresses it is missing or cannot read it (exit status 66).
 */
export class LogInputError extends Data.TaggedError("LogInputError")<{
  readonly reason: "not-found" | "tcpdump" | "compression"
  readonly file: string
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    const file = this.file === "-" ? "Standard input" : this.file
    if (this.reason === "compression") return `${file} cannot be decompressed: ${this.detail}`
    return this.reason === "tcpdump"
      ? `${file} is a capture, which needs tcpdump: ${this.detail}`
      : `${file} cannot be read: ${this.detail}`
  }
}

/** A log, and what is needed to read it. */
export interface LogSource {
  /** A path, or `-` for standard input. */
  readonly file: string
  readonly standardInput: Stream.Stream<Uint8Array, PlatformError.PlatformError>
  /** The tcpdump that reads captures. */
  readonly tcpdump: string
}

/** Takes some lines; no more are read until it has ended. */
export type TakeLines = (lines: ReadonlyArray<string>) => Effect.Effect<void>

const chunkSize = 256 * 1024

/**
 * Reads a log and hands its lines on, those of a chunk at a time, each without its line feed, one character for each byte (latin1).
 * tcpdump reads a capture of pflogd, whose packets become the lines that our own log would hold.
 *
 * @returns a warning where tcpdump read only a part of the capture
 */
export const readLogLines = (
  source: LogSource,
  take: TakeLines
): Effect.Effect<string | undefined, LogInputError, FileSystem.FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { head, bytes, reuse } = yield* openLog(source)
      if (beginsAsCapture(head) === true) return yield* readCapture(source, bytes, take)
      reuse()
      yield* readText(bytes, take)
      return undefined
    })
  )

/**
 * The time of the first packet of a log, in seconds since 1970, as far as the first bytes show it; nothing for standard input,
 * which can be read only once.
 *
 * @param timeOf reads the time of a line
 */
export const firstSecond = (
  source: LogSource,
  timeOf: (line: string) => number | undefined
): Effect.Effect<number | undefined, LogInputError, FileSystem.FileSystem> => {
  if (source.file === "-") return Effect.succeed(undefined)
  return Effect.scoped(
    Effect.map(openLog(source), ({ head }) => {
      if (beginsAsCapture(head) === true) return firstRecordSecond(head)
      for (const line of Buffer.from(head).toString("latin1").split("\n")) {
        const second = timeOf(line)
        if (second !== undefined) return second
      }
      return undefined
    })
  )
}

/** The decompressed bytes of a log, and the first of them. */
const openLog = (source: LogSource) =>
  Effect.gen(function* () {
    const { bytes, reuse } = source.file === "-" ? fromOutside(source.standardInput) : yield* fileBytes(source.file)
    const stored = yield* peek(bytes.pipe(Stream.mapError(unreadable(source.file))))
    const program = compressionOf(stored.head)
    if (program === undefined) return { ...stored, reuse }
    return { ...(yield* peek(yield* decompressed(source, program, stored.bytes))), reuse: () => undefined }
  })

/** Bytes, and what is called once each chunk is used up before the next one is asked for. */
interface OpenBytes {
  readonly bytes: Stream.Stream<Uint8Array, PlatformError.PlatformError>
  readonly reuse: () => void
}

const fromOutside = (bytes: OpenBytes["bytes"]): OpenBytes => ({ bytes, reuse: () => undefined })

/**
 * The bytes of a file. Where they are used up at once they all go through one buffer: with a buffer each, some 60 MiB of old
 * ones wait for the garbage collector.
 */
const fileBytes = (path: string) =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const file = yield* Effect.mapError(fileSystem.open(path), unreadable(path))
    let isReused = false
    let buffer: Uint8Array | undefined
    const next = Effect.suspend(() => {
      const room = isReused && buffer !== undefined ? buffer : new Uint8Array(chunkSize)
      buffer = room
      return file.read(room).pipe(
        Effect.mapError(Option.some),
        Effect.flatMap((size) =>
          Number(size) === 0 ? Effect.fail(Option.none()) : Effect.succeed(room.subarray(0, Number(size)))
        )
      )
    })
    const opened: OpenBytes = {
      bytes: Stream.repeatEffectOption(next),
      reuse: () => {
        isReused = true
      }
    }
    return opened
  })

const peek = <R>(bytes: Stream.Stream<Uint8Array, LogInputError, R>) =>
  Effect.map(Stream.peel(bytes, firstChunk), ([head, rest]) => ({
    head: Option.getOrElse(Chunk.head(head), () => new Uint8Array()),
    bytes: Stream.concat(Stream.fromChunk(head), rest)
  }))

/** Decompresses bytes by a program. If the program fails, the error comes after all bytes that it could read. */
const decompressed = (source: LogSource, program: string, bytes: Stream.Stream<Uint8Array, LogInputError>) =>
  Effect.gen(function* () {
    const failed = (detail: string, cause?: unknown) =>
      new LogInputError({ reason: "compression", file: source.file, detail, cause })
    const { ended, output } = yield* startStreamed(program, ["-d", "-c"], bytes).pipe(
      Effect.mapError((cause) => failed(`${program} cannot be started: ${explain(cause)}.`, cause))
    )
    const check = Effect.flatMap(ended, ({ how, lastLine, status }) =>
      status === 0 ? Effect.void : failed(`${program} ${how}${lastLine === "" ? "" : `, saying: ${lastLine}`}.`)
    )
    return Stream.concat(output, Stream.execute(check))
  })

const unreadable =
  (file: string) =>
  (cause: PlatformError.PlatformError): LogInputError =>
    new LogInputError({ reason: "not-found", file, detail: cause.message, cause })

const firstChunk = Sink.collectAllN<Uint8Array>(1)

/** Gathers the lines of a chunk, and hands them on together. */
const handOn = (take: TakeLines) => {
  let lines: Array<string> = []
  return {
    line: (line: string) => {
      lines.push(line)
    },
    after: (work: () => void): Effect.Effect<void> =>
      Effect.suspend(() => {
        work()
        const gathered = lines
        lines = []
        return gathered.length === 0 ? Effect.void : take(gathered)
      })
  }
}

const readText = <E>(bytes: Stream.Stream<Uint8Array, E>, take: TakeLines): Effect.Effect<void, E> => {
  const splitter = new LineSplitter()
  const { line, after } = handOn(take)
  const sink = {
    line: (text: Buffer, start: number, end: number) => line(text.toString("latin1", start, end)),
    piece: line
  }
  return Stream.runForEach(bytes, (chunk) => after(() => splitter.push(chunk, sink))).pipe(
    Effect.zipRight(after(() => splitter.end(sink)))
  )
}

const readCapture = (source: LogSource, bytes: Stream.Stream<Uint8Array, LogInputError>, take: TakeLines) =>
  Effect.gen(function* () {
    const failed = (detail: string, cause?: unknown) =>
      new LogInputError({ reason: "tcpdump", file: source.file, detail, cause })
    const { ended, output } = yield* startStreamed(source.tcpdump, ["-tt", "-e", "-n", "-S", "-r", "-"], bytes).pipe(
      Effect.mapError((cause) => failed(`${source.tcpdump} cannot be started: ${explain(cause)}`, cause))
    )
    let lines = 0
    const format = makeAsciiFormat()
    const decoder = makeTextDecoder()
    const { line, after } = handOn(take)
    const lineOf = (printed: string) => {
      lines += 1
      line(printed.slice(0, -1))
    }
    const sink = {
      entry: (entry: PfLogEntry) => lineOf(format.entry(entry, 0)),
      other: (message: string) => lineOf(format.notice({ time: 0, level: "info", process: "tcpdump", pid: 0, message }))
    }
    yield* Stream.runForEach(output, (chunk) => after(() => decoder.push(chunk, sink)))
    yield* after(() => decoder.end(sink))
    const { lastLine, status } = yield* ended
    if (status === 0) return undefined
    if (lines === 0) return yield* failed(lastLine)
    return `tcpdump read only a part of ${source.file}: ${lastLine}`
  })
