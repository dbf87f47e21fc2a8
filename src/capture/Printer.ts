import * as Command from "@effect/platform/Command"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { describeStatus, type TcpdumpError } from "./CaptureError.ts"
import { MarkedLines, markRecord, type Printed, randomMark } from "./MarkedLines.ts"
import { startPiped } from "./PipedProcess.ts"
import { type CaptureFile, type Records, singleRecords } from "./RecordSplitter.ts"
import { readWords } from "./Words.ts"

/** A tcpdump that prints the records that it is given, of one capture file. */
export interface Printer {
  readonly file: CaptureFile
  /**
   * Prints records: all of them, or none that is told of.
   *
   * @param singly whether it must be known of each record whether it is printed: `marks` counts them then; costs twice as much
   * @param last whether no other records follow: what the printer still holds back it prints, and ends
   */
  readonly print: (records: Records, singly: boolean, last: boolean) => Effect.Effect<Printed>
  /** Nothing more will be given: what it still holds back, it prints. */
  readonly close: () => void
  /** What it has said on stderr. */
  readonly words: () => ReadonlyArray<string>
}

/** How long a printer may take to print anything of what it was given. */
export const usualPatience = Duration.seconds(5)

/** How long one whose output has ended may take to exit. */
const exitGrace = Duration.seconds(1)

const wordsKept = 20

/** A printer may be started where nothing can be interrupted, while its readers must be when its scope is closed. */
const forkReader = <A>(reader: Effect.Effect<A>) => Effect.forkScoped(Effect.interruptible(reader))

/** Starts a printer, which ends with the scope at the latest. */
export const startPrinter = (
  command: Command.Command,
  program: string,
  file: CaptureFile,
  patience: Duration.Duration
): Effect.Effect<Printer, TcpdumpError, Scope.Scope> =>
  Effect.gen(function* () {
    const input = yield* Mailbox.make<Uint8Array>()
    const child = yield* startPiped(Command.stdin(command, Mailbox.toStream(input)), program, "socket")
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
    const reading = yield* forkReader(Stream.runForEach(child.output, (bytes) => Effect.sync(() => output.push(bytes))))
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
        output.expect(count, (printed) => Deferred.unsafeDone(done, Effect.succeed(printed)))
        for (let seen = -1; ; ) {
          seen = output.chunks
          const printed = yield* Effect.timeoutOption(Deferred.await(done), patience)
          if (Option.isSome(printed)) return printed.value
          if (seen === output.chunks) output.fail(`did not print for ${Duration.format(patience)} what it was given`)
        }
      })
    return {
      file,
      print: (records, singly, last) =>
        Effect.suspend(() => {
          const parts = singly ? singleRecords(records) : [records]
          for (const { bytes } of parts) input.unsafeOfferAll([bytes, marking])
          if (last) input.unsafeDone(Exit.void)
          return awaitMarks(parts.length)
        }),
      close: () => {
        input.unsafeDone(Exit.void)
      },
      words: () => words
    }
  })
