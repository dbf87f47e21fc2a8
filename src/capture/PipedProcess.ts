import { type ChildProcess, spawn } from "node:child_process"
import { Readable, Writable } from "node:stream"
import * as Command from "@effect/platform/Command"
import * as NodeSink from "@effect/platform-node/NodeSink"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Lent } from "../decode/Lent.ts"
import { type Errno, explain } from "../host/Errno.ts"
import { installTcpdump, tellsEndOfPipe } from "../host/System.ts"
import { type ProcessEnd, TcpdumpError } from "./CaptureError.ts"
import { closeWriter, openPipe } from "./NamedPipe.ts"
import { readDirectly, readPipe } from "./PipeReader.ts"

/** A command that runs, and leads a process group of its own. */
interface StartedProcess {
  readonly pid: number
  readonly exited: Effect.Effect<ProcessEnd>
  readonly stderr: Stream.Stream<Uint8Array>
}

/** One whose standard output is a stream. */
export interface PipedProcess extends StartedProcess {
  readonly output: Stream.Stream<Lent<Uint8Array>>
}

/** One whose standard output is read, and whose inputs are written, in plain code. */
export interface DirectProcess extends StartedProcess {
  readonly inputs: ReadonlyArray<ProcessInput>
  /** Reads the output to its end, however fast it comes. */
  readonly readOutput: (take: (bytes: Uint8Array) => void) => Effect.Effect<void>
}

/** An input of a process. What is written waits in memory until the process takes it. */
export interface ProcessInput {
  readonly write: (bytes: Uint8Array) => void
  readonly end: () => void
}

/** What the descriptors of a process are, beside its standard output, which is 1. */
export interface Wiring {
  readonly inputs: ReadonlyArray<number>
  /** Which one is read as its stderr. Where that is not 2, what the process writes to 2 is thrown away. */
  readonly stderr: number
}

const usualWiring: Wiring = { inputs: [0], stderr: 2 }

/**
 * Starts a command whose output comes through a pipe where one can be made, else through the socket that Node gives a child,
 * which is as right. Its whole process group is killed with the scope, if it still runs.
 *
 * The platform's own executor knows nothing but sockets, waits without limit for a process that ignores TERM, and tells a
 * death by a signal in a text only.
 *
 * @param program what messages call it
 */
export const startPiped = (
  command: Command.Command,
  program: string
): Effect.Effect<PipedProcess, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const [standard] = Command.flatten(command)
    const input = typeof standard.stdin === "string" ? undefined : standard.stdin
    const { child, output, ...started } = yield* startWithPipe(standard, program, usualWiring, readPipe)
    const { stdin } = child
    if (input !== undefined && stdin !== null) {
      const sink = NodeSink.fromWritable(() => stdin, String)
      // Interruptible, unlike all around it: the process may never take its input.
      yield* Effect.forkScoped(Effect.interruptible(Effect.ignore(Stream.run(input, sink))))
    }
    return { ...started, output: output ?? bytesOf(child.stdout) }
  }).pipe(Effect.uninterruptible)

/**
 * The same for a command that writes no more than it was asked for, so that its reader need not hold it back: a stream would take
 * a turn of Effect's for each read.
 *
 * @param wantsPipe whether it will write so much that a pipe is worth its while, which takes a program of its own to make
 */
export const startDirect = (
  command: Command.Command,
  program: string,
  wiring: Wiring = usualWiring,
  wantsPipe = false
): Effect.Effect<DirectProcess, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const [standard] = Command.flatten(command)
    const { child, output, ...started } = yield* wantsPipe
      ? startWithPipe(standard, program, wiring, readDirectly)
      : startWith(standard, program, wiring, "pipe")
    const sockets = wiring.inputs.map((descriptor) => child.stdio[descriptor]).filter((end) => end instanceof Writable)
    // Node closes no more than the standard input of a process that has ended.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
      })
    )
    return {
      ...started,
      inputs: sockets.map((socket) => ({
        write: (bytes: Uint8Array) => void socket.write(bytes),
        end: () => void socket.end()
      })),
      readOutput: output ?? ((take: (bytes: Uint8Array) => void) => readToEnd(child.stdout, take))
    }
  }).pipe(Effect.uninterruptible)

/** Starts a command with a pipe for its output, where one can be made. */
const startWithPipe = <Output>(
  command: Command.StandardCommand,
  program: string,
  wiring: Wiring,
  read: (descriptor: number) => Effect.Effect<Output, never, Scope.Scope>
): Effect.Effect<StartedProcess & Spawned & { readonly output: Output | undefined }, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const pipe = tellsEndOfPipe(process.platform) ? Option.getOrUndefined(yield* pipeIfPossible(read)) : undefined
    const started = yield* startWith(command, program, wiring, pipe?.writer ?? "pipe").pipe(
      Effect.ensuring(pipe === undefined ? Effect.void : closeWriter(pipe))
    )
    return { ...started, output: pipe?.output }
  })

const startWith = (
  command: Command.StandardCommand,
  program: string,
  wiring: Wiring,
  output: number | "pipe"
): Effect.Effect<StartedProcess & Spawned & { readonly output?: undefined }, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const exited = yield* Deferred.make<ProcessEnd>()
    const { child, pid } = yield* Effect.acquireRelease(
      spawnCommand(command, program, wiring, output, exited),
      // What the process has started may outlive it.
      ({ pid }) => Effect.sync(() => signalGroup(pid, "SIGKILL"))
    )
    const stderr = child.stdio[wiring.stderr]
    return { child, pid, exited: Deferred.await(exited), stderr: bytesOf(stderr instanceof Readable ? stderr : null) }
  })

/** A pipe that can be made only in part leaves nothing open. */
const pipeIfPossible = <Output>(read: (descriptor: number) => Effect.Effect<Output, never, Scope.Scope>) =>
  Effect.gen(function* () {
    const outer = yield* Effect.scope
    const own = yield* Scope.fork(outer, ExecutionStrategy.sequential)
    return yield* Scope.extend(openPipe(read), own).pipe(
      Effect.onError(() => Scope.close(own, Exit.void)),
      Effect.option
    )
  })

/** Signals a process and all that it has started; whether there was any of them. */
export const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-pid, signal)
  } catch {
    // All of them are gone, which is what was wanted.
    return false
  }
}

interface Spawned {
  readonly child: ChildProcess
  readonly pid: number
}

const spawnCommand = (
  { command, args, env, extendEnv }: Command.StandardCommand,
  program: string,
  wiring: Wiring,
  output: number | "pipe",
  exited: Deferred.Deferred<ProcessEnd>
): Effect.Effect<Spawned, TcpdumpError> =>
  Effect.async((resume) => {
    const child = trySpawn(() =>
      spawn(command, args, {
        stdio: stdioOf(wiring, output),
        env: { ...(extendEnv ? process.env : {}), ...Object.fromEntries(env) },
        detached: true
      })
    )
    if (child instanceof Error) {
      resume(cannotStart(program, child))
      return
    }
    child.once("error", (error) => resume(cannotStart(program, error)))
    child.once("exit", (status, signal) =>
      Deferred.unsafeDone(
        exited,
        Effect.succeed(signal === null ? { _tag: "Exited", status: status ?? 0 } : { _tag: "Killed", signal })
      )
    )
    // Node sets it only where there are descriptors for the pipes.
    const ends: typeof child.stdio | undefined = child.stdio
    for (const [descriptor, end] of ends?.entries() ?? []) {
      // A process that ends without reading its input is no error, also where nobody writes any more.
      if (wiring.inputs.includes(descriptor)) end?.on("error", () => undefined)
      // Node throws away what nobody listens for when the process ends, which may be before anybody has come to read it.
      else end?.on("readable", keep)
    }
    child.once("spawn", () => {
      const { pid } = child
      // Never so after this event; but a number made up here would one day be signalled.
      resume(
        pid === undefined ? cannotStart(program, new Error("it has no process number")) : Effect.succeed({ child, pid })
      )
    })
  })

const stdioOf = ({ inputs, stderr }: Wiring, output: number | "pipe"): Array<number | "pipe" | "ignore"> => {
  const last = Math.max(2, stderr, ...inputs)
  return Array.from({ length: last + 1 }, (_, descriptor) => {
    if (descriptor === 1) return output
    return descriptor === stderr || inputs.includes(descriptor) ? "pipe" : "ignore"
  })
}

const keep = () => undefined

/** Node throws some errors of spawn(2), such as the want of memory, and tells others by an event. */
const trySpawn = (start: () => ChildProcess): ChildProcess | Error => {
  try {
    return start()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** A pipe that fails has just ended: why, the process's end tells. */
const bytesOf = (readable: Readable | null): Stream.Stream<Uint8Array> =>
  readable === null
    ? Stream.empty
    : NodeStream.fromReadable<unknown, Uint8Array>(() => readable, String).pipe(Stream.catchAll(() => Stream.empty))

/** A socket that fails has just ended, too. */
const readToEnd = (readable: Readable | null, take: (bytes: Uint8Array) => void): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (readable === null || readable.closed) {
      resume(Effect.void)
      return
    }
    const ends = ["end", "close", "error"]
    const done = () => resume(Effect.void)
    // Data flows to no listener while another one waits to read it.
    readable.off("readable", keep)
    readable.on("data", take)
    readable.resume()
    for (const end of ends) readable.once(end, done)
    return Effect.sync(() => {
      readable.off("data", take)
      for (const end of ends) readable.off(end, done)
      readable.destroy()
    })
  })

const cannotStart = (program: string, error: Errno): TcpdumpError => {
  switch (error.code) {
    case "ENOENT":
      return new TcpdumpError({
        reason: "missing",
        program,
        why: "there is no such program",
        advice: `Install it (${installTcpdump(process.platform)}), or set capture.tcpdump (--tcpdump) to its path.`
      })
    case "EACCES":
      return new TcpdumpError({
        reason: "permission",
        program,
        why: "permission denied",
        advice: "It must be an executable file: see capture.tcpdump (--tcpdump)."
      })
    default:
      return new TcpdumpError({
        reason: "unavailable",
        program,
        why: explain(error),
        advice: "Look at this host's limits of processes, open files and memory."
      })
  }
}
