import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { describeStatus, type ProcessEnd } from "./CaptureError.ts"
import type { MarkedLines, Printed } from "./MarkedLines.ts"
import type { DirectProcess } from "./PipedProcess.ts"
import { readWords } from "./Words.ts"

/** What a printing process writes, while it is read. */
export interface PrinterOutput {
  /**
   * Waits until a batch is printed, for as long as anything comes.
   *
   * @param expect tells the lines to wait for the batch, and to call `done` then
   * @param push has the process write what it holds back, once, after so long without a byte
   */
  readonly printed: (
    expect: (done: (printed: Printed) => void) => void,
    push?: { readonly after: Duration.Duration; readonly by: () => void }
  ) => Effect.Effect<Printed>
  /** Waits until it has written its last. */
  readonly ended: Effect.Effect<void>
  /** What it has said on stderr, but for what every tcpdump says. */
  readonly words: () => ReadonlyArray<string>
}

/** How long reading what is there takes at most. */
const readingTime = Duration.millis(20)

/** How long one whose output has ended may take to exit, and the other way round. */
const exitGrace = Duration.seconds(1)

/** What it said last tells why it ended; what every tcpdump of many says would take all the room. A list of options fits in. */
const wordsKept = 40

const banner = /^(reading from file |dropped privs to |tcpdump: listening on |$)/

/** A printer may be started where nothing can be interrupted, while its readers must be when its scope is closed. */
const forkReader = <A>(reader: Effect.Effect<A>) => Effect.forkScoped(Effect.interruptible(reader))

/**
 * Reads both outputs of a printing process, as long as the scope.
 *
 * @param patience how long it may take to print anything of what it was given
 * @param statusOf how the tcpdump has ended, by the status of the process
 */
export const readPrinter = (
  child: DirectProcess,
  lines: MarkedLines,
  patience: Duration.Duration,
  statusOf: (status: ProcessEnd) => ProcessEnd
): Effect.Effect<PrinterOutput, never, Scope.Scope> =>
  Effect.gen(function* () {
    const words: Array<string> = []
    const speaking = yield* forkReader(
      readWords(child.stderr, (said) =>
        Effect.sync(() => {
          words.push(...said.filter((line) => !banner.test(line)))
          words.splice(0, words.length - wordsKept)
        })
      )
    )
    const reading = yield* forkReader(child.readOutput((bytes) => lines.push(bytes)))
    yield* forkReader(
      Effect.gen(function* () {
        // Others may hold its output open when it has ended, and it may close its output and live on.
        yield* Effect.raceFirst(Fiber.await(reading), Effect.zipRight(child.exited, Effect.sleep(exitGrace)))
        yield* Effect.timeoutOption(Fiber.await(speaking), exitGrace)
        const status = yield* Effect.timeoutOption(child.exited, exitGrace)
        lines.fail(Option.isSome(status) ? describeStatus(statusOf(status.value)) : "closed its output")
      })
    )

    /** Waits for a result, until nothing has been printed for a time. */
    const whilePrinting = (done: Deferred.Deferred<Printed>, quiet: Duration.Duration) =>
      Effect.gen(function* () {
        for (let seen = -1; seen !== lines.chunks; ) {
          seen = lines.chunks
          const printed = yield* Effect.timeoutOption(Deferred.await(done), quiet)
          if (Option.isSome(printed)) return printed
          // Where the machine gave us no time all the while, what has come is only read now.
          yield* Effect.sleep(readingTime)
        }
        return Option.none<Printed>()
      })

    return {
      printed: (expect, push) =>
        Effect.gen(function* () {
          const done = yield* Deferred.make<Printed>()
          expect((printed) => Deferred.unsafeDone(done, Effect.succeed(printed)))
          if (push !== undefined) {
            const printed = yield* whilePrinting(done, push.after)
            if (Option.isSome(printed)) return printed.value
            push.by()
          }
          const printed = yield* whilePrinting(done, patience)
          if (Option.isSome(printed)) return printed.value
          lines.fail(`did not print for ${Duration.format(patience)} what it was given`)
          return yield* Deferred.await(done)
        }),
      ended: Effect.asVoid(Fiber.await(reading)),
      words: () => words
    }
  })
