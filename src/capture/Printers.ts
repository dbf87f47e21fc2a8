import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { TcpdumpError } from "./CaptureError.ts"
import type { Printed } from "./MarkedLines.ts"
import { NameTable } from "./NameTable.ts"
import { type AnyPrinter, type Printer, type PrinterSettings, startPrinter, usualPatience } from "./Printer.ts"
import { PrinterHealth } from "./PrinterHealth.ts"
import { makePrinterPool } from "./PrinterPool.ts"
import { startSeries } from "./PrinterSeries.ts"
import { type Records, splitByLoad } from "./RecordSplitter.ts"
import { type OptionalOption, printerCommand, type TcpdumpOptions } from "./Tcpdump.ts"
import { UsageReader } from "./TcpdumpUsage.ts"

/** So many records that wait together are worth a printer that writes them in large blocks. */
const worthBlocks = 1024

/** The printing tcpdumps, however many there are at a time. */
export interface Printers {
  /** Prints records, wholly or not at all. */
  readonly print: (records: Records) => Effect.Effect<Printed>
  /** Prints records by a new printer, of which it is known how many it has printed where it fails. */
  readonly printSingly: (records: Records) => Effect.Effect<Printed>
  /** Whether it is of no use to try. */
  readonly areGivenUp: Effect.Effect<boolean>
  /** Gives up all printers, at once and for ever. */
  readonly giveUp: Effect.Effect<void>
}

/** A printer that stays, for the few records that come now and then. It writes line by line. */
interface StandingPrinter {
  readonly printer: Printer
  readonly scope: Scope.CloseableScope
  readonly names: NameTable
  /** How many batches it has not printed yet. */
  busy: number
}

/**
 * Makes printers as they are needed; they end with the scope at the latest.
 *
 * @param refused the options that tcpdump is known not to take; what is learned is added
 * @param onFailure told why a printer has failed, in words that follow its name
 * @param patience how long a printer may take to print anything of what it was given
 */
export const makePrinters = (
  options: TcpdumpOptions,
  refused: Set<OptionalOption>,
  onFailure: (why: string) => Effect.Effect<void>,
  patience: Duration.Duration = usualPatience
): Effect.Effect<Printers, never, Scope.Scope> =>
  Effect.gen(function* () {
    const outer = yield* Effect.scope
    const givenUp = yield* Deferred.make<void>()
    const oneAtATime = yield* Effect.makeSemaphore(1)
    const health = new PrinterHealth()
    /** Those whose failure is counted: a standing printer fails on all batches that it has at once. */
    const failed = new WeakSet<AnyPrinter>()
    let standing: StandingPrinter | undefined

    const settings = ({ file }: Records, lineByLine: boolean): PrinterSettings => ({
      command: printerCommand(options, lineByLine, refused),
      program: options.tcpdump,
      file,
      patience
    })
    const start = (records: Records) => Effect.suspend(() => startPrinter(settings(records, true)))

    const startStanding = (records: Records) =>
      Effect.gen(function* () {
        const scope = yield* Scope.fork(outer, ExecutionStrategy.sequential)
        const printer = yield* Scope.extend(start(records), scope).pipe(
          Effect.onError(() => Scope.close(scope, Exit.void))
        )
        return { printer, scope, names: new NameTable(), busy: 0 }
      })

    /** Gives a printer no more; it ends once it has printed what it has. */
    const dismiss = (printer: StandingPrinter) =>
      Effect.suspend(() => {
        if (standing === printer) standing = undefined
        printer.printer.close()
        return printer.busy === 0 ? Scope.close(printer.scope, Exit.void) : Effect.void
      })

    /** The standing printer, which is replaced when it has had enough. */
    const takeStanding = (records: Records) =>
      oneAtATime.withPermits(1)(
        Effect.gen(function* () {
          if (standing !== undefined && !isFitFor(standing, records)) yield* dismiss(standing)
          standing ??= yield* startStanding(records)
          // It prints them all: few as they are, they can fill its table but little beyond the limit.
          splitByLoad(records, standing.names)
          standing.busy += 1
          return standing
        })
      )

    const byStandingPrinter = (records: Records) =>
      Effect.acquireUseRelease(
        takeStanding(records),
        ({ printer }) => Effect.flatMap(printer.print(records, false), (printed) => judge(printer, printed)),
        (used, exit) => {
          used.busy -= 1
          const hasDoneWell = Exit.isSuccess(exit) && exit.value.failure === undefined
          return standing === used && hasDoneWell ? Effect.void : dismiss(used)
        }
      )

    const singlyByOwnPrinter = (records: Records) =>
      Effect.gen(function* () {
        const printer = yield* start(records)
        return yield* judge(printer, yield* printer.print(records, true), true)
      }).pipe(Effect.scoped)

    /**
     * Notes how a printer did. One that does not take an option has not failed: the next does without.
     *
     * @param singly whether it printed singly. Else it says little of the next: several may fail at once, on a batch each.
     */
    const judge = (printer: AnyPrinter, printed: Printed, singly = false) =>
      Effect.gen(function* () {
        if (printed.failure === undefined || printed.marks > 0) health.good()
        if (printed.failure === undefined || failed.has(printer)) return printed
        failed.add(printer)
        const usage = new UsageReader()
        const words = printer.words().filter((line) => !usage.take(line))
        const learned = [...usage.refused].filter((option) => !refused.has(option))
        for (const option of learned) refused.add(option)
        if (learned.length > 0) return printed
        const why = words.length === 0 ? printed.failure : `${printed.failure}, saying: ${words.slice(-3).join(" | ")}`
        yield* singly && printed.marks === 0 ? fail(why) : onFailure(why)
        return printed
      })

    const fail = (why: string) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        health.bad(now)
        return onFailure(why)
      })

    const pool = yield* makePrinterPool((records) => startSeries(settings(records, false)), judge)

    const untilGivenUp = (printing: Effect.Effect<Printed, TcpdumpError>) =>
      printing.pipe(
        Effect.catchAll((error) => Effect.as(fail(error.message), nothingPrinted)),
        Effect.raceFirst(Effect.as(Deferred.await(givenUp), nothingPrinted))
      )

    return {
      print: (records) => untilGivenUp(records.count >= worthBlocks ? pool.print(records) : byStandingPrinter(records)),
      printSingly: (records) => untilGivenUp(singlyByOwnPrinter(records)),
      areGivenUp: Effect.zipWith(
        Deferred.isDone(givenUp),
        Clock.currentTimeMillis,
        (isDone, now) => isDone || health.isPaused(now)
      ),
      giveUp: Effect.asVoid(Deferred.succeed(givenUp, undefined))
    }
  })

const isFitFor = ({ printer, names }: StandingPrinter, { file }: Records): boolean =>
  !names.isNearlyFull && printer.file.header.equals(file.header)

const nothingPrinted: Printed = { lines: [], marks: 0, failure: "was given up" }
