import * as Effect from "effect/Effect"
import type * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { systemClock } from "./Notices.ts"
import * as Service from "./Services.ts"

/** Writes a notice with the counters for each signal of the queue. */
export const answerWithCounters = (
  signals: Queue.Dequeue<unknown>
): Effect.Effect<void, never, Service.Counters | Service.Notices> =>
  Effect.gen(function* () {
    const counters = yield* Service.Counters
    const notices = yield* Service.Notices
    yield* Stream.runForEach(Stream.fromQueue(signals), () => notices.announce("info", counters.describe()))
  })

/**
 * Writes the last notice of a run: the counters as they are once all lines that wait are written, this notice included. So it
 * counts its own bytes, the digits of that count among them.
 */
export const noteEnding: Effect.Effect<
  void,
  never,
  Service.Counters | Service.Codec | Service.Lines | Service.Notices
> = Effect.gen(function* () {
  const counters = yield* Service.Counters
  const codec = yield* Service.Codec
  const notices = yield* Service.Notices
  const waiting = counters.bytes + (yield* Service.Lines).size
  const noticeOf = (bytes: number) => `ending: ${counters.describe(bytes)}`
  const lengthOf = (message: string) =>
    codec.notice({ time: systemClock(), level: "info", process: "pfasciilogd", pid: process.pid, message }).length
  let bytes = waiting
  for (let next = -1; next !== bytes; ) {
    next = bytes
    bytes = waiting + lengthOf(noticeOf(bytes))
  }
  notices.note("info", noticeOf(bytes))
})
