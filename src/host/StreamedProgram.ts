import { type ChildProcess, spawn } from "node:child_process"
import type { Readable } from "node:stream"
import * as NodeSink from "@effect/platform-node/NodeSink"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Errno, systemCall } from "./Errno.ts"
import { searchPath } from "./System.ts"
import { beforeEnd } from "./Termination.ts"

/** A program that bytes run through, such as one that decompresses them. */
export interface StreamedProgram {
  readonly output: Stream.Stream<Uint8Array>
  /** How it ended. */
  readonly ended: Effect.Effect<ProgramEnd>
}

/** How a program ended. */
export interface ProgramEnd {
  /** Nothing where a signal ended it. */
  readonly status: number | undefined
  /** Why it failed in words that follow its name: `exited with status 2`. */
  readonly how: string
  /** The last line with text that it wrote to stderr; empty where it wrote none. */
  readonly lastLine: string
}

/** What is kept of a program's stderr, in bytes. */
const keptErrors = 1000

/**
 * Starts a program of the host without a shell, found on PATH or in the folders that services lack, in the C locale. It is
 * killed with all that it has started when the scope closes, and before a signal ends us.
 *
 * @param input what it reads on standard input; a program that ends without reading all of it is no error
 */
export const startStreamed = <E>(
  program: string,
  args: ReadonlyArray<string>,
  input: Stream.Stream<Uint8Array, E>
): Effect.Effect<StreamedProgram, Errno, Scope.Scope> =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<ProgramEnd>()
    const child = yield* Effect.acquireRelease(spawnProgram(program, args, ended), (running) =>
      // Another group may have the number of one that has ended.
      Effect.flatMap(Deferred.isDone(ended), (isDone) => Effect.sync(() => isDone || killGroup(running)))
    )
    yield* Effect.acquireRelease(
      Effect.sync(() => beforeEnd(() => killGroup(child))),
      (forget) => Effect.sync(forget)
    )
    const { stdin } = child
    if (stdin !== null) {
      const sink = NodeSink.fromWritable(() => stdin, String)
      yield* Effect.forkScoped(Effect.interruptible(Effect.ignore(Stream.run(input, sink))))
    }
    return { output: bytesOf(child.stdout), ended: Deferred.await(ended) }
  })

const spawnProgram = (
  program: string,
  args: ReadonlyArray<string>,
  ended: Deferred.Deferred<ProgramEnd>
): Effect.Effect<ChildProcess, Errno> =>
  systemCall<ChildProcess>((done) => {
    const child = spawn(program, [...args], {
      env: { ...process.env, PATH: searchPath(process.env["PATH"]), LC_ALL: "C" },
      // A group of its own, so that what it starts can be killed with it.
      detached: true
    })
    let errors = ""
    child.stderr.on("data", (bytes: Buffer) => {
      errors = (errors + bytes.toString("latin1")).slice(-keptErrors)
    })
    child.stdin.on("error", () => undefined)
    // Node throws away the output that nobody listens for when the process ends.
    child.stdout.on("readable", () => undefined)
    child.once("spawn", () => done(null, child))
    child.once("error", (error) => done(error, child))
    child.once("close", (status, signal) => {
      const how = signal === null ? `exited with status ${status}` : `was killed by ${signal}`
      const lastLine = errors.trim().split("\n").at(-1) ?? ""
      Deferred.unsafeDone(ended, Effect.succeed({ status: status ?? undefined, how, lastLine }))
    })
  })

const killGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL")
  } catch {
    // All of it has ended.
  }
}

/** A pipe that fails has just ended: why, the end of the program tells. */
const bytesOf = (pipe: Readable | null): Stream.Stream<Uint8Array> =>
  pipe === null
    ? Stream.empty
    : NodeStream.fromReadable<unknown, Uint8Array>(() => pipe, String).pipe(Stream.catchAll(() => Stream.empty))
