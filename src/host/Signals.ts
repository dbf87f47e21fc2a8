import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"

/**
 * The signals that arrive while the scope is open, as a queue of one place: a signal that comes while an earlier one still waits
 * asks for the same thing, and takes its place.
 */
export const signalQueue = (
  signals: ReadonlyArray<NodeJS.Signals>
): Effect.Effect<Queue.Dequeue<NodeJS.Signals>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Effect.acquireRelease(Queue.sliding<NodeJS.Signals>(1), Queue.shutdown)
    const offer = (signal: NodeJS.Signals) => {
      queue.unsafeOffer(signal)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        for (const signal of signals) process.on(signal, offer)
      }),
      () =>
        Effect.sync(() => {
          for (const signal of signals) process.off(signal, offer)
        })
    )
    return queue
  })
