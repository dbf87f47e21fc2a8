import type { ChildProcess } from "node:child_process"
import * as diagnosticsChannel from "node:diagnostics_channel"
import type { Readable } from "node:stream"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as PlatformError from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** What came together before it was handed on: some reads, in order. */
export type Reads = ReadonlyArray<Uint8Array>

/** How long reads gather before they are handed on, in milliseconds: no more than delays a line without need. */
const gatherTime = 4
/** So many bytes are handed on at once, and no more are read until somebody takes them. */
const gatherSize = 256 * 1024
/** What a read gives at most; where it gives that, more is there already. */
const fullRead = 64 * 1024
/** So little in `gatherTime` is no load: the pipe can wait for us then. */
const calmSize = 4 * 1024
/** How long a read waits under load, in milliseconds. Node's timers know whole ones only. */
const shortPause = 0.5

const neverWritten = new Int32Array(new SharedArrayBuffer(4))

/** A process, and its output as reads that have come together. */
export interface GatheredProcess {
  readonly child: CommandExecutor.Process
  readonly output: Stream.Stream<Reads, PlatformError.PlatformError>
}

/**
 * Starts a process whose output is gathered. tcpdump writes each line by itself, some 200 in a millisecond, and a pipe holds
 * fewer than 200 of them. One turn through the platform's stream costs as much as handling hundreds of lines; so reads come
 * together here, in plain code, and one turn takes what came in four milliseconds.
 */
export const startGathering = <E, R>(
  start: Effect.Effect<CommandExecutor.Process, E, R>
): Effect.Effect<GatheredProcess, E, R> =>
  Effect.acquireUseRelease(
    watchChildren,
    ({ children }) =>
      Effect.map(start, (child) => {
        const stdout = children.find(({ pid }) => pid === child.pid)?.stdout
        // Without it there is the platform's own way to read, which is as right, and dearer.
        const output = stdout == null ? Stream.map(child.stdout, (bytes) => [bytes]) : gather(stdout)
        return { child, output }
      }),
    ({ note }) => Effect.sync(() => diagnosticsChannel.unsubscribe("child_process", note))
  )

/** Notes the processes that are started from here on, as Node tells them: the platform hands out its own streams only. */
const watchChildren = Effect.sync(() => {
  const children: Array<ChildProcess> = []
  const note = (message: unknown): void => {
    // The channel's message is documented (node:diagnostics_channel, "Child Process").
    children.push((message as { readonly process: ChildProcess }).process)
  }
  diagnosticsChannel.subscribe("child_process", note)
  return { children, note }
})

/** The reads of a pipe, gathered; reading stops while nobody takes them. It is closed with the stream. */
const gather = (readable: Readable): Stream.Stream<Reads> =>
  Stream.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => new Gatherer(readable)),
        (gatherer) => Effect.sync(() => gatherer.close())
      ),
      (gatherer) => Stream.repeatEffectOption(gatherer.next)
    )
  )

class Gatherer {
  private readonly readable: Readable
  private reads: Array<Uint8Array> = []
  private size = 0
  private ended = false
  private lastHandedOn = 0
  /** Whether little came in the last while. */
  private calm = true
  private timer: NodeJS.Timeout | undefined
  private taker: ((reads: Effect.Effect<Reads, Option.Option<never>>) => void) | undefined

  constructor(readable: Readable) {
    this.readable = readable
    readable.on("data", this.onData)
    readable.on("end", this.onEnd)
    readable.on("close", this.onEnd)
    readable.on("error", this.onEnd)
  }

  /** What has come together next; nothing once the pipe is read to its end. */
  readonly next: Effect.Effect<Reads, Option.Option<never>> = Effect.async((resume) => {
    this.taker = resume
    if (this.ended) this.handOn()
    else {
      if (this.size < gatherSize) this.readable.resume()
      this.schedule()
    }
    return Effect.sync(() => {
      this.taker = undefined
    })
  })

  close(): void {
    clearTimeout(this.timer)
    this.readable.off("data", this.onData)
    this.readable.off("end", this.onEnd)
    this.readable.off("close", this.onEnd)
    this.readable.destroy()
  }

  private readonly onData = (bytes: Uint8Array): void => {
    this.reads.push(bytes)
    this.size += bytes.length
    if (this.size >= gatherSize) {
      this.readable.pause()
      this.handOn()
      return
    }
    this.schedule()
    if (!this.calm && bytes.length < fullRead) Atomics.wait(neverWritten, 0, 0, shortPause)
  }

  private readonly onEnd = (): void => {
    this.ended = true
    this.handOn()
  }

  /** Sees to it that what is here is handed on in time: at once where nothing was lately. */
  private schedule(): void {
    if (this.timer !== undefined || this.size === 0) return
    const due = this.lastHandedOn + gatherTime - performance.now()
    if (due <= 0) this.handOn()
    else this.timer = setTimeout(this.handOn, due)
  }

  private readonly handOn = (): void => {
    clearTimeout(this.timer)
    this.timer = undefined
    const { taker } = this
    if (taker === undefined || (this.size === 0 && !this.ended)) return
    this.taker = undefined
    if (this.size === 0) {
      taker(Effect.fail(Option.none()))
      return
    }
    this.calm = this.size < calmSize
    this.lastHandedOn = performance.now()
    const { reads } = this
    this.reads = []
    this.size = 0
    taker(Effect.succeed(reads))
  }
}
