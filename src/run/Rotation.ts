import * as Effect from "effect/Effect"
import type * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as Service from "./Services.ts"

/** Opens all logs anew for each signal of the queue. A log whose new file can't be opened keeps the file in use. */
export const rotateUpon = (
  signals: Queue.Dequeue<unknown>
): Effect.Effect<void, never, Service.Counters | Service.MainLog | Service.Notices | Service.ScanLog> =>
  Effect.gen(function* () {
    const counters = yield* Service.Counters
    const notices = yield* Service.Notices
    const logs = yield* Service.allLogs
    const rotateAll = Effect.forEach(
      logs,
      ({ log }) =>
        log.rotate.pipe(
          Effect.as(true),
          Effect.catchAll((error) =>
            Effect.as(notices.announce("error", `${error.message} The file in use stays in use.`), false)
          )
        ),
      { concurrency: "unbounded" }
    )
    yield* Stream.runForEach(Stream.fromQueue(signals), () =>
      Effect.map(rotateAll, (rotated) => {
        if (rotated.includes(true)) counters.rotations += 1
      })
    )
  })
