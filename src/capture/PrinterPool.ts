import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { TcpdumpError } from "./CaptureError.ts"
import type { Printed } from "./MarkedLines.ts"
import type { PrinterSeries } from "./PrinterSeries.ts"
import type { Records } from "./RecordSplitter.ts"

/** Printers for loads, each of which prints some records, and the next when it is done. */
export interface PrinterPool {
  /** Has printers that are free, or new ones, print records: all of them, or none. */
  readonly print: (records: Records) => Effect.Effect<Printed, TcpdumpError>
}

interface Pooled {
  readonly printer: PrinterSeries
  readonly scope: Scope.CloseableScope
  freeSince: number
}

/** Who has nothing to do for so long is let go: the load is over. */
const idleTime = Duration.seconds(2)

/** How long one may take to end when it is let go. */
const endGrace = Duration.seconds(1)

/**
 * Makes an empty pool; its printers end with the scope at the latest.
 *
 * @param judge told how each printer did
 */
export const makePrinterPool = (
  start: (records: Records) => Effect.Effect<PrinterSeries, TcpdumpError, Scope.Scope>,
  judge: (printer: PrinterSeries, printed: Printed) => Effect.Effect<unknown>
): Effect.Effect<PrinterPool, never, Scope.Scope> =>
  Effect.gen(function* () {
    // Closed behind the finalizer below, which is added later.
    const outer = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
    let free: Array<Pooled> = []
    let isWatched = false

    const end = ({ scope }: Pooled) => Scope.close(scope, Exit.void)

    /** Lets one that has done its work end by itself. */
    const letGo = (pooled: Pooled) => {
      pooled.printer.close()
      const ended = Effect.timeoutOption(Effect.interruptible(pooled.printer.ended), endGrace)
      return Effect.zipRight(ended, end(pooled))
    }

    const letGoMeanwhile = (pooled: Pooled) => Effect.asVoid(Effect.forkIn(Effect.interruptible(letGo(pooled)), outer))

    yield* Effect.addFinalizer(() => Effect.forEach(free, letGo, { concurrency: "unbounded", discard: true }))

    const startNew = (records: Records) =>
      Effect.gen(function* () {
        const scope = yield* Scope.fork(outer, ExecutionStrategy.sequential)
        const printer = yield* Scope.extend(start(records), scope).pipe(
          Effect.onError(() => Scope.close(scope, Exit.void))
        )
        return { printer, scope, freeSince: 0 }
      })

    /** What was given back last is the warmest. */
    const take = (records: Records) =>
      Effect.suspend(() => {
        const pooled = free.pop()
        if (pooled === undefined) return startNew(records)
        // Those of another capture are of no use any more.
        return pooled.printer.file.header.equals(records.file.header)
          ? Effect.succeed(pooled)
          : Effect.zipRight(letGoMeanwhile(pooled), startNew(records))
      })

    const giveBack = (pooled: Pooled) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        pooled.freeSince = now
        free.push(pooled)
        if (isWatched) return Effect.void
        isWatched = true
        return Effect.asVoid(Effect.forkIn(letIdleGo, outer))
      })

    const letIdleGo = Effect.gen(function* () {
      while (free.length > 0) {
        yield* Effect.sleep(idleTime)
        const before = (yield* Clock.currentTimeMillis) - Duration.toMillis(idleTime)
        const idle = free.filter(({ freeSince }) => freeSince <= before)
        free = free.filter((pooled) => !idle.includes(pooled))
        yield* Effect.forEach(idle, letGoMeanwhile, { discard: true })
      }
      isWatched = false
    }).pipe(Effect.interruptible)

    const release = (pooled: Pooled, exit: Exit.Exit<readonly [Printed, Records | undefined]>) => {
      if (!Exit.isSuccess(exit) || exit.value[0].failure !== undefined) return end(pooled)
      return pooled.printer.isOpen() ? giveBack(pooled) : letGoMeanwhile(pooled)
    }

    const print: PrinterPool["print"] = (records) =>
      Effect.gen(function* () {
        const [printed, others] = yield* Effect.acquireUseRelease(
          take(records),
          ({ printer }) => Effect.tap(printer.print(records), ([printed]) => judge(printer, printed)),
          release
        )
        if (others === undefined || printed.failure !== undefined) return printed
        const then = yield* print(others)
        return { ...then, lines: [...printed.lines, ...then.lines] }
      })

    return { print }
  })
