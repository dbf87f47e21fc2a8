import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CaptureHandlers } from "../capture/Capture.ts"
import type { Printers } from "../capture/Printers.ts"
import { printRecords } from "../capture/Printing.ts"
import { RecordQueue } from "../capture/RecordQueue.ts"
import { type Intake as Found, RecordSplitter } from "../capture/RecordSplitter.ts"
import type { Counters } from "./Counters.ts"
import type { PrinterReport } from "./PrinterReport.ts"
import type { ScanLog } from "./ScanLog.ts"
import * as Service from "./Services.ts"
import type { Tally } from "./Transcoder.ts"

/** What takes the bytes of one run of tcpdump. */
export type Intake = Pick<CaptureHandlers, "onBytes" | "onEnd">

/** How many bytes become lines at once: what a processor's cache holds together with these lines. */
const handledAtOnce = 128 * 1024

/** What prints, and what logs its failures. */
export interface PrintingTools {
  readonly printers: Printers
  readonly report: PrinterReport
}

/** Waits until less waits than a bound; a stop does not wait. */
export const roomIn = (
  stop: Deferred.Deferred<void>,
  buffer: { readonly hasRoom: boolean; readonly room: Effect.Effect<void> }
): Effect.Effect<void> =>
  // A finalizer logs the last words of stderr: there a race whose loser can't be interrupted would never end.
  Effect.suspend(() =>
    buffer.hasRoom
      ? Effect.void
      : Effect.raceFirst(Effect.interruptible(buffer.room), Effect.interruptible(Deferred.await(stop)))
  )

/** Counts each line, and where scans are wanted, looks for them. */
const tallyOf = (counters: Counters, scans: ScanLog | undefined): Tally =>
  scans === undefined
    ? counters
    : {
        entry: (entry) => {
          counters.entry(entry)
          scans.entry(entry)
        },
        reached: (time) => counters.reached(time),
        other: () => counters.other()
      }

/** Decodes the bytes of one run of tcpdump into lines of the log. */
export const decodeInto = (
  pid: number
): Effect.Effect<Intake, never, Service.Counters | Service.Codec | Service.Lines | Service.ScanLog | Service.Stop> =>
  Effect.gen(function* () {
    const buffer = yield* Service.Lines
    const scans = yield* Service.ScanLog
    const stop = yield* Service.Stop
    const transcoder = (yield* Service.Codec).transcoder(tallyOf(yield* Service.Counters, scans), pid)
    const roomInLog = roomIn(stop, buffer)
    const room = scans === undefined ? roomInLog : Effect.zipRight(roomInLog, roomIn(stop, scans.output.buffer))
    return {
      onBytes: (bytes) => {
        for (let at = 0; at < bytes.length; at += handledAtOnce) {
          const { lines, problem } = transcoder.push(bytes.subarray(at, at + handledAtOnce))
          buffer.append(lines)
          if (problem !== undefined) return problem
        }
        return room
      },
      onEnd: Effect.suspend(() => {
        const { lines, problem } = transcoder.end()
        buffer.append(lines)
        return problem ?? Effect.void
      })
    }
  })

/**
 * Has the records of a capture printed, and their lines decoded. The capture does not wait for it until `log.buffer` is full. What
 * is text already, since something else stands in for tcpdump, is decoded as it comes.
 */
export const printInto = (
  { printers, report }: PrintingTools,
  decoded: Intake
): Effect.Effect<Intake, never, Scope.Scope | Service.Configuration | Service.Stop> =>
  Effect.gen(function* () {
    const { capture, log } = yield* Service.Configuration
    const stop = yield* Service.Stop
    const queue = new RecordQueue(log.buffer)
    const splitter = new RecordSplitter()
    const lines = printRecords(queue, printers, (records) => report.ownWords(records))
    const printing = yield* Effect.forkScoped(Stream.runForEach(lines, decoded.onBytes))
    // Where the printing has failed through a fault of ours, nothing makes room any more.
    const room = Effect.suspend(() =>
      queue.hasRoom ? Effect.void : Effect.raceFirst(roomIn(stop, queue), Fiber.join(printing))
    )
    const take = (found: Found): ReturnType<Intake["onBytes"]> => {
      if (found._tag === "Text") return decoded.onBytes(found.bytes)
      if (found.records !== undefined) queue.append(found.records)
      return found.problem ?? room
    }
    /** At a stop the printers have so long for what waits; then it is written in our own words. */
    const stopInTime = Deferred.await(stop).pipe(
      Effect.zipRight(Effect.sleep(capture.stopGrace)),
      Effect.zipRight(printers.giveUp)
    )
    return {
      onBytes: (bytes) => {
        let at = 0
        while (splitter.missing > 0 && splitter.missing < bytes.length - at) {
          const end = at + splitter.missing
          const found = splitter.push(bytes.subarray(at, end))
          if (found._tag !== "Records" || found.problem !== undefined) return take(found)
          if (found.records !== undefined) queue.append(found.records)
          at = end
        }
        return take(splitter.push(bytes.subarray(at)))
      },
      onEnd: Effect.gen(function* () {
        const last = yield* Effect.either(Effect.suspend(() => take(splitter.end())))
        queue.close()
        const hurry = yield* Effect.fork(stopInTime)
        yield* Fiber.join(printing)
        yield* Fiber.interrupt(hurry)
        yield* decoded.onEnd
        yield* last
      })
    }
  })
