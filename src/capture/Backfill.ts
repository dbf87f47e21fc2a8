import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import type { Readable } from "node:stream"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { explain, systemCall } from "../host/Errno.ts"
import { searchPath } from "../host/System.ts"
import { SavedCaptureError } from "./CaptureError.ts"
import type { Source } from "./Tcpdump.ts"

/** A saved capture, ready to be read by tcpdump. */
export interface SavedCapture {
  readonly source: Source
  /** Why the capture could not be decompressed to its end, if so; to be asked when tcpdump has read all that came. */
  readonly failure: Effect.Effect<SavedCaptureError | undefined>
}

/** The programs that newsyslog(8) compresses with, by how what they write begins. */
const compressions: ReadonlyArray<{ readonly program: string; readonly magic: ReadonlyArray<number> }> = [
  { program: "bzip2", magic: [0x42, 0x5a, 0x68] },
  { program: "gzip", magic: [0x1f, 0x8b] },
  { program: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { program: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd] }
]

const longestMagic = 6

/**
 * Opens a saved capture. One that bzip2, gzip, xz or zstd has compressed, whatever its name, is decompressed by that
 * program on the way; the program ends with the scope at the latest.
 */
export const openSavedCapture = (path: string): Effect.Effect<SavedCapture, SavedCaptureError, Scope.Scope> =>
  Effect.gen(function* () {
    const plain: SavedCapture = { source: { _tag: "File", path }, failure: Effect.succeed(undefined) }
    if (path === "-") return yield* openStandardInput
    const program = yield* compressionOf(path)
    if (program === undefined) return plain
    return yield* decompressed(path, program, yield* openForReading(path))
  })

/** Standard input can be read only once: what its first bytes tell is looked at on the way. */
const openStandardInput: Effect.Effect<SavedCapture, SavedCaptureError, Scope.Scope> = Effect.gen(function* () {
  const { stdin } = process
  const program = compressionIn(yield* firstBytesOf(stdin))
  if (program !== undefined) return yield* decompressed("-", program, stdin)
  const bytes = NodeStream.fromReadable<undefined, Uint8Array>(
    () => stdin,
    () => undefined
  ).pipe(Stream.catchAll(() => Stream.empty))
  return { source: { _tag: "Bytes", path: "-", bytes }, failure: Effect.succeed(undefined) }
})

/** The first bytes of a stream, as far as there are any; they are put back. */
const firstBytesOf = (stream: Readable): Effect.Effect<Buffer> =>
  Effect.async((resume) => {
    let head = Buffer.alloc(0)
    const finish = () => {
      stream.off("readable", read)
      stream.off("end", finish)
      stream.off("error", finish)
      if (head.length > 0) stream.unshift(head)
      resume(Effect.succeed(head))
    }
    const read = () => {
      for (let piece: unknown = stream.read(); piece instanceof Buffer; piece = stream.read()) {
        head = Buffer.concat([head, piece])
      }
      if (head.length >= longestMagic) finish()
    }
    stream.on("readable", read)
    stream.on("end", finish)
    stream.on("error", finish)
    return Effect.sync(() => {
      stream.off("readable", read)
      stream.off("end", finish)
      stream.off("error", finish)
    })
  })

const compressionOf = (path: string): Effect.Effect<string | undefined, SavedCaptureError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const descriptor = yield* openForReading(path)
      const head = Buffer.alloc(longestMagic)
      // A named pipe gives its bytes only once: it is left to tcpdump as it is.
      const isFile = yield* systemCall<fs.Stats>((done) => fs.fstat(descriptor, done)).pipe(
        Effect.map((stats) => stats.isFile()),
        Effect.mapError((error) => new SavedCaptureError({ path, why: explain(error) }))
      )
      if (!isFile) return undefined
      const length = yield* systemCall<number>((done) => fs.read(descriptor, head, 0, longestMagic, 0, done)).pipe(
        Effect.mapError((error) => new SavedCaptureError({ path, why: explain(error) }))
      )
      return compressionIn(head.subarray(0, length))
    })
  )

/** The program that has compressed what begins so, if any has. */
const compressionIn = (head: Uint8Array): string | undefined =>
  compressions.find(({ magic }) => magic.every((byte, index) => head[index] === byte))?.program

const openForReading = (path: string): Effect.Effect<number, SavedCaptureError, Scope.Scope> =>
  Effect.acquireRelease(
    // Without O_NONBLOCK opening a named pipe would wait for its writer.
    systemCall<number>((done) => fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK, done)).pipe(
      Effect.mapError((error) => new SavedCaptureError({ path, why: explain(error) }))
    ),
    (descriptor) => Effect.ignore(systemCall<void>((done) => fs.close(descriptor, done)))
  )

/** How long a program may take to exit once all that it wrote was read. */
const exitGrace = Duration.seconds(5)

const decompressed = (
  path: string,
  program: string,
  input: number | Readable
): Effect.Effect<SavedCapture, SavedCaptureError, Scope.Scope> =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<SavedCaptureError | undefined>()
    const stdout = yield* startDecompression(path, program, input, ended)
    const bytes = NodeStream.fromReadable<SavedCaptureError, Uint8Array>(
      () => stdout,
      (error) => new SavedCaptureError({ path, why: String(error) })
      // The program's end tells what was wrong; to tcpdump the bytes just end.
    ).pipe(Stream.catchAll(() => Stream.empty))
    return {
      source: { _tag: "Bytes", path, bytes },
      failure: Deferred.await(ended).pipe(Effect.timeoutOption(exitGrace), Effect.map(Option.getOrUndefined))
    }
  })

/** Starts the program with the file as its standard input: it has no say in names, and asks for no known suffix. */
const startDecompression = (
  path: string,
  program: string,
  input: number | Readable,
  ended: Deferred.Deferred<SavedCaptureError | undefined>
): Effect.Effect<Readable, SavedCaptureError, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(spawnProgram(path, program, input), (running) =>
      Effect.sync(() => running.kill("SIGKILL"))
    )
    if (typeof input !== "number" && child.stdin !== null) {
      // A program that ends without reading all is no error here: its end tells why.
      child.stdin.on("error", () => undefined)
      input.pipe(child.stdin)
    }
    let words = ""
    child.stderr?.on("data", (bytes: Buffer) => {
      words = (words + bytes.toString("latin1")).slice(0, longestWords)
    })
    child.on("close", (status, signal) => {
      const how = signal === null ? `exited with status ${status}` : `was ended by signal ${signal}`
      const said = words.split("\n").find((line) => line.trim() !== "")
      const why = `${program} ${how}${said === undefined ? "" : `, saying: ${said}`}`
      const error = new SavedCaptureError({ path, why, isCutOff: tooShort.test(words) })
      Deferred.unsafeDone(ended, Effect.succeed(status === 0 ? undefined : error))
    })
    if (child.stdout === null) return yield* new SavedCaptureError({ path, why: `${program} has no output` })
    // Node throws away what nobody listens for when the process ends, which may be before tcpdump has started.
    child.stdout.on("readable", () => undefined)
    return child.stdout
  })

const longestWords = 500

/** How these programs tell of an input that ends too early: in this order bzip2, gzip and xz, zstd. */
const tooShort = /ends unexpectedly|unexpected end of|premature end/i

const spawnProgram = (
  path: string,
  program: string,
  input: number | Readable
): Effect.Effect<ChildProcess, SavedCaptureError> =>
  Effect.async((resume) => {
    const child = spawn(program, ["-d", "-c"], {
      stdio: [typeof input === "number" ? input : "pipe", "pipe", "pipe"],
      env: { PATH: searchPath(process.env["PATH"]), LC_ALL: "C" }
    })
    child.once("spawn", () => resume(Effect.succeed(child)))
    child.once("error", (error: NodeJS.ErrnoException) =>
      resume(
        new SavedCaptureError({
          path,
          why: error.code === "ENOENT" ? `${program}, which it takes, is not installed` : explain(error)
        })
      )
    )
  })
