import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Lent } from "../decode/Lent.ts"
import { type Printed, releaseLines } from "./MarkedLines.ts"
import { printInOwnWords } from "./OwnWords.ts"
import type { Printers } from "./Printers.ts"
import type { RecordQueue } from "./RecordQueue.ts"
import { type Records, splitRecords } from "./RecordSplitter.ts"

/**
 * So many printers are at work at once: while the output of one is read, another prints. Four take 600,000 records in the same time,
 * and 15 MiB more for the lines that wait.
 */
const printersAtOnce = 2

/**
 * The lines of all records of a queue, in order, as one tcpdump would print them, until the queue is closed and empty.
 *
 * A batch of records is printed wholly or not at all. So what a printer leaves behind that fails is simply printed again, and
 * nothing is lost or doubled.
 *
 * @param onOwnWords told of so many records that no printer prints: they are written in the packet decoder's words
 */
export const printRecords = (
  queue: RecordQueue,
  printers: Printers,
  onOwnWords: (records: number) => Effect.Effect<void>
): Stream.Stream<Lent<Uint8Array>> => {
  const inOwnWords = (records: Records) => Effect.as(onOwnWords(records.count), printInOwnWords(records))

  const print = (records: Records): Effect.Effect<ReadonlyArray<Uint8Array>> =>
    Effect.gen(function* () {
      if (yield* printers.areGivenUp) return [yield* inOwnWords(records)]
      const { failure, lines } = yield* printers.print(records)
      return failure === undefined ? lines : yield* printSingly(records)
    })

  /** Prints records that a printer has failed on: all but those that two printers in a row fail on. */
  const printSingly = (records: Records): Effect.Effect<ReadonlyArray<Uint8Array>> =>
    Effect.gen(function* () {
      const lines: Array<Uint8Array> = []
      let left: Records | undefined = records
      let failuresOnFirst = records.count === 1 ? 1 : 0
      while (left !== undefined) {
        if (yield* printers.areGivenUp) {
          lines.push(yield* inOwnWords(left))
          break
        }
        const printed: Printed = yield* printers.printSingly(left)
        lines.push(...printed.lines)
        if (printed.marks > 0) {
          left = withoutFirst(left, printed.marks)
          failuresOnFirst = 0
        }
        if (left === undefined) break
        failuresOnFirst += 1
        if (failuresOnFirst < 2) continue
        lines.push(yield* inOwnWords(splitRecords(left, 1)[0]))
        left = withoutFirst(left, 1)
        failuresOnFirst = 0
      }
      return lines
    })

  const batches = Stream.repeatEffectOption(
    Effect.flatMap(queue.take, (records) =>
      records === undefined ? Effect.fail(Option.none()) : Effect.succeed(records)
    )
  )
  return batches.pipe(
    Stream.mapEffect((records) => Effect.map(print(records), (lines) => ({ records, lines })), {
      concurrency: printersAtOnce
    }),
    Stream.flatMap(({ records, lines }) =>
      Stream.concat(
        Stream.fromIterable(lines),
        Stream.execute(
          Effect.sync(() => {
            queue.release(records)
            releaseLines(lines)
          })
        )
      )
    )
  )
}

const withoutFirst = (records: Records, count: number): Records | undefined => splitRecords(records, count)[1]
