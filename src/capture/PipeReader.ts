import { closeSync } from "node:fs"
import { Socket, type SocketConnectOpts, type SocketConstructorOpts } from "node:net"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Lent } from "../decode/Lent.ts"

/** How long reads gather before they are handed on, in milliseconds: no more than delays a line without need. */
const gatherTime = 4
/** So many bytes are handed on at once, and no more are read until somebody takes them. */
const gatherSize = 1024 * 1024
/** What a read gives at most, which is what a pipe holds; where it gives that, more is there already. */
const fullRead = 64 * 1024
/** So little in `gatherTime` is no load: the pipe can wait for us then. */
const calmSize = 4 * 1024
/** How long the next read waits under load, in milliseconds: Node's timers know no less. The pipe takes what comes meanwhile. */
const shortPause = 1

/**
 * The bytes of a pipe, gathered: tcpdump writes each line by itself, some 250 in a millisecond. One turn of a stream costs as
 * much as handling hundreds of lines; so reads come together here, in plain code, and one turn takes what came in four
 * milliseconds. Reading stops while nobody takes it.
 *
 * @param descriptor the pipe's reading end, opened without blocking; it is closed with the scope
 * @returns what came together
 */
export const readPipe = (descriptor: number): Effect.Effect<Stream.Stream<Lent<Uint8Array>>, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new PipeReader(descriptor)),
      (reader) => Effect.sync(() => reader.close())
    ),
    (reader) => Stream.repeatEffectOption(reader.next)
  )

/**
 * Reads a pipe to its end in plain code, for a writer that need not be held back.
 *
 * @param descriptor the pipe's reading end, opened without blocking; it is closed with the scope
 * @returns what reads it, once: it takes the bytes of each read, which are good until it returns
 */
export const readDirectly = (
  descriptor: number
): Effect.Effect<(take: (bytes: Lent<Uint8Array>) => void) => Effect.Effect<void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    let socket: Socket | undefined
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        if (socket === undefined) closeSync(descriptor)
        else socket.destroy()
      })
    )
    return (take) =>
      Effect.async((resume) => {
        const onRead = (count: number, bytes: Uint8Array) => {
          take(bytes.subarray(0, count))
          return true
        }
        socket = openReader(descriptor, onRead, () => resume(Effect.void))
      })
  })

/** Reads into one buffer: a new one for each read, as Node takes otherwise, costs more than what is done with the lines in it. */
const openReader = (
  descriptor: number,
  onRead: (count: number, bytes: Uint8Array) => boolean,
  onEnd: () => void
): Socket => {
  const options: SocketConstructorOpts & Pick<SocketConnectOpts, "onread"> = {
    fd: descriptor,
    readable: true,
    writable: false,
    onread: { buffer: Buffer.allocUnsafeSlow(fullRead), callback: onRead }
  }
  const socket = new Socket(options)
  for (const end of ["end", "close", "error"]) socket.on(end, onEnd)
  return socket
}

class PipeReader {
  private readonly descriptor: number
  private socket: Socket | undefined
  /** What is gathered lies in one of these, while what was handed on lies in the other. */
  private gathering = Buffer.allocUnsafeSlow(gatherSize + fullRead)
  private handedOn = Buffer.allocUnsafeSlow(gatherSize + fullRead)
  private size = 0
  private ended = false
  private stopped = false
  private lastHandedOn = 0
  /** Whether little came in the last while. */
  private calm = true
  private timer: NodeJS.Timeout | undefined
  private pause: NodeJS.Timeout | undefined
  private taker: ((bytes: Effect.Effect<Uint8Array, Option.Option<never>>) => void) | undefined

  constructor(descriptor: number) {
    this.descriptor = descriptor
  }

  /** What has come together next; nothing once the pipe is read to its end. Reading begins with the first call. */
  readonly next: Effect.Effect<Uint8Array, Option.Option<never>> = Effect.async((resume) => {
    this.taker = resume
    this.socket ??= this.open()
    if (this.ended) this.handOn()
    else {
      this.schedule()
      if (this.stopped && this.size < gatherSize) {
        this.stopped = false
        this.socket.resume()
      }
    }
    return Effect.sync(() => {
      this.taker = undefined
    })
  })

  close(): void {
    clearTimeout(this.timer)
    clearTimeout(this.pause)
    if (this.socket === undefined) closeSync(this.descriptor)
    else {
      this.socket.off("end", this.onEnd)
      this.socket.off("close", this.onEnd)
      this.socket.destroy()
    }
  }

  private open(): Socket {
    return openReader(this.descriptor, this.onRead, this.onEnd)
  }

  /** Takes a read; returns whether reading goes on. */
  private readonly onRead = (count: number, bytes: Uint8Array): boolean => {
    this.gathering.set(bytes.subarray(0, count), this.size)
    this.size += count
    if (this.size >= gatherSize) this.handOn()
    else this.schedule()
    this.stopped = this.size >= gatherSize
    if (this.stopped) return false
    if (this.calm || count === fullRead) return true
    this.pause = setTimeout(this.goOn, shortPause)
    return false
  }

  private readonly goOn = (): void => {
    if (!this.stopped) this.socket?.resume()
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
    const { taker, gathering, size } = this
    if (taker === undefined || (size === 0 && !this.ended)) return
    this.taker = undefined
    if (size === 0) {
      taker(Effect.fail(Option.none()))
      return
    }
    this.calm = size < calmSize
    this.lastHandedOn = performance.now()
    this.gathering = this.handedOn
    this.handedOn = gathering
    this.size = 0
    taker(Effect.succeed(gathering.subarray(0, size)))
  }
}
