import { type ChildProcess, spawn } from "node:child_process"
import type { Readable } from "node:stream"
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
import { type ExitStatus, TcpdumpError } from "./CaptureError.ts"
import { closeWriter, openPipe } from "./NamedPipe.ts"

/** A command that runs, and leads a process group of its own. */
interface StartedProcess {
  readonly pid: number
  readonly exited: Effect.Effect<ExitStatus>
  readonly stderr: Stream.Stream<Uint8Array>
}

/** One whose standard output is a stream. */
export interface PipedProcess extends StartedProcess {
  readonly output: Stream.Stream<Lent<Uint8Array>>
}

/** One whose standard output is read in plain code. */
export interface SocketedProcess extends StartedProcess {
  /** Reads the output to its end, however fast it comes. */
  readonly readOutput: (take: (bytes: Uint8Array) => void) => Effect.Effect<void>
}

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
    const pipe = tellsEndOfPipe(process.platform) ? Option.getOrUndefined(yield* pipeIfPossible) : undefined
    const { child, ...started } = yield* startWith(command, program, pipe?.writer ?? "pipe").pipe(
      Effect.ensuring(pipe === undefined ? Effect.void : closeWriter(pipe))
    )
    return { ...started, output: pipe?.output ?? bytesOf(child.stdout) }
  }).pipe(Effect.uninterruptible)

/**
 * The same for a command that writes no more than it was asked for, so that its reader need not hold it back. A socket is made at
 * once, where a named pipe takes a program of its own; and a stream would take a turn of Effect's for each read.
 */
export const startSocketed = (
  command: Command.Command,
  program: string
): Effect.Effect<SocketedProcess, TcpdumpError, Scope.Scope> =>
  Effect.map(startWith(command, program, "pipe"), ({ child, ...started }) => ({
    ...started,
    readOutput: (take: (bytes: Uint8Array) => void) => readToEnd(child.stdout, take)
  })).pipe(Effect.uninterruptible)

const startWith = (
  command: Command.Command,
  program: string,
  output: number | "pipe"
): Effect.Effect<StartedProcess & Spawned, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const [standard] = Command.flatten(command)
    const exited = yield* Deferred.make<ExitStatus>()
    const { child, pid } = yield* Effect.acquireRelease(
      spawnCommand(standard, program, output, exited),
      // What the process has started may outlive it.
      ({ pid }) => Effect.sync(() => signalGroup(pid, "SIGKILL"))
    )
    const { stdin } = child
    if (typeof standard.stdin !== "string" && stdin !== null) {
      const sink = NodeSink.fromWritable(() => stdin, String)
      // Interruptible, unlike all around it: the process may never take its input.
      yield* Effect.forkScoped(Effect.interruptible(Effect.ignore(Stream.run(standard.stdin, sink))))
    }
    return { child, pid, exited: Deferred.await(exited), stderr: bytesOf(child.stderr) }
  })

/** A pipe that can be made only in part leaves nothing open. */
const pipeIfPossible = Effect.gen(function* () {
  const outer = yield* Effect.scope
  const own = yield* Scope.fork(outer, ExecutionStrategy.sequential)
  return yield* Scope.extend(openPipe, own).pipe(
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
  { command, args, env, extendEnv, stdin }: Command.StandardCommand,
  program: string,
  output: number | "pipe",
  exited: Deferred.Deferred<ExitStatus>
): Effect.Effect<Spawned, TcpdumpError> =>
  Effect.async((resume) => {
    const child = trySpawn(() =>
      spawn(command, args, {
        stdio: [stdin === "inherit" ? "inherit" : "pipe", output, "pipe"],
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
    // A process that ends without reading its input is no error, also where nobody writes any more.
    child.stdin?.on("error", () => undefined)
    // Node throws away what nobody listens for when the process ends, which may be before anybody has come to read it.
    child.stdout?.on("readable", keep)
    child.stderr?.on("readable", keep)
    child.once("spawn", () => {
      const { pid } = child
      // Never so after this event; but a number made up here would one day be signalled.
      resume(
        pid === undefined ? cannotStart(program, new Error("it has no process number")) : Effect.succeed({ child, pid })
      )
    })
  })

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
