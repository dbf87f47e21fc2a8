import * as Command from "@effect/platform/Command"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { describeStatus, type TcpdumpError } from "./CaptureError.ts"
import { MarkedLines, markRecord, type Printed, randomMark } from "./MarkedLines.ts"
import { startSocketed } from "./PipedProcess.ts"
import { type CaptureFile, type Records, singleRecords } from "./RecordSplitter.ts"
import { readWords } from "./Words.ts"

/** A tcpdump that prints the records that it is given, of one capture file. */
export interface Printer {
  readonly file: CaptureFile
  /**
   * Prints records: all of them, or none.
   *
   * @param singly whether it must be known of each record whether it is printed: `marks` counts them then. It costs twice as
   *   much, and the printer takes no more afterwards.
   */
  readonly print: (records: Records, singly: boolean) => Effect.Effect<Printed>
  /** Whether it takes more records. */
  readonly isOpen: () => boolean
  /** Nothing more will be given: what it still holds back, it prints, and ends. */
  readonly close: () => void
  /** Waits until it has written its last. */
  readonly ended: Effect.Effect<void>
  /** What it has said on stderr. */
  readonly words: () => ReadonlyArray<string>
}

/** How a printer is started. */
export interface PrinterSettings {
  readonly command: Command.Command
  /** What messages call it. */
  readonly program: string
  readonly file: CaptureFile
  /** Whether it writes each line at once (`-l`). Else it writes blocks, which costs it half as much. */
  readonly lineByLine: boolean
  /** How long it may take to print anything of what it was given. */
  readonly patience: Duration.Duration
}

/** How long a printer may take to print anything of what it was given. */
export const usualPatience = Duration.seconds(5)

/** How long one whose output has ended may take to exit. */
const exitGrace = Duration.seconds(1)

const wordsKept = 20

/**
 * What writes blocks is given so many marks more than are needed: their lines, of 18 characters at least, fill the 4 KiB that C's
 * stdio holds back, and so push out all in front of them.
 */
const padding = 256

/** Where they do not within this time, since a system's stdio holds back more, the end of its input does. */
const pushTime = Duration.millis(250)

/** A printer may be started where nothing can be interrupted, while its readers must be when its scope is closed. */
const forkReader = <A>(reader: Effect.Effect<A>) => Effect.forkScoped(Effect.interruptible(reader))

/** Starts a printer, which ends with the scope at the latest. */
export const startPrinter = ({
  command,
  program,
  file,
  lineByLine,
  patience
}: PrinterSettings): Effect.Effect<Printer, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const input = yield* Mailbox.make<Uint8Array>()
    const child = yield* startSocketed(Command.stdin(command, Mailbox.toStream(input)), program)
    const words: Array<string> = []
    const speaking = yield* forkReader(
      readWords(child.stderr, (lines) =>
        Effect.sync(() => {
          if (words.length < wordsKept) words.push(...lines.slice(0, wordsKept))
        })
      )
    )
    const mark = randomMark()
    const output = new MarkedLines(mark)
    const marking = markRecord(file, mark)
    const behind = lineByLine ? 0 : padding
    const filling = Buffer.concat(Array.from({ length: behind }, () => marking))
    let isOpen = true
    const close = () => {
      isOpen = false
      input.unsafeDone(Exit.void)
    }
    const reading = yield* forkReader(child.readOutput((bytes) => output.push(bytes)))
    yield* forkReader(
      Effect.gen(function* () {
        yield* Fiber.await(reading)
        const status = yield* Effect.timeoutOption(Effect.zipLeft(child.exited, Fiber.await(speaking)), exitGrace)
        output.fail(Option.isSome(status) ? describeStatus(status.value) : "closed its output")
      })
    )
    input.unsafeOffer(file.header)

    const awaitMarks = (count: number) =>
      Effect.gen(function* () {
        const done = yield* Deferred.make<Printed>()
        output.expect(count, behind, (printed) => Deferred.unsafeDone(done, Effect.succeed(printed)))
        if (!lineByLine) {
          const pushed = yield* whilePrinting(done, pushTime)
          if (Option.isSome(pushed)) return pushed.value
          close()
        }
        const printed = yield* whilePrinting(done, patience)
        if (Option.isSome(printed)) return printed.value
        output.fail(`did not print for ${Duration.format(patience)} what it was given`)
        return yield* Deferred.await(done)
      })

    /** Waits for a result, until nothing has been printed for a time. */
    const whilePrinting = (done: Deferred.Deferred<Printed>, quiet: Duration.Duration) =>
      Effect.gen(function* () {
        for (let seen = -1; seen !== output.chunks; ) {
          seen = output.chunks
          const printed = yield* Effect.timeoutOption(Deferred.await(done), quiet)
          if (Option.isSome(printed)) return printed
        }
        return Option.none<Printed>()
      })

    return {
      file,
      print: (records, singly) =>
        Effect.suspend(() => {
          const parts = singly ? singleRecords(records) : [records]
          for (const { bytes } of parts) input.unsafeOfferAll([bytes, marking])
          if (behind > 0) input.unsafeOffer(filling)
          if (singly) close()
          return awaitMarks(parts.length)
        }),
      isOpen: () => isOpen,
      close,
      ended: Effect.asVoid(Fiber.await(reading)),
      words: () => words
    }
  })
