import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { signalQueue } from "../../src/host/Signals.ts"

const listeners = () => process.listenerCount("SIGHUP") + process.listenerCount("SIGUSR2")

/** Sends a signal to ourselves; a listener runs before a timer set later does. */
const raise = (signal: NodeJS.Signals, times = 1) =>
  Effect.zipRight(
    Effect.sync(() => {
      for (let time = 0; time < times; time++) process.kill(process.pid, signal)
    }),
    Effect.sleep("50 millis")
  )

describe("signalQueue", () => {
  it.live("adds its listeners with the scope and takes them away with it", () =>
    Effect.gen(function* () {
      const before = listeners()
      yield* Effect.scoped(
        Effect.zipRight(
          signalQueue(["SIGHUP", "SIGUSR2"]),
          Effect.sync(() => expect(listeners()).toBe(before + 2))
        )
      )
      expect(listeners()).toBe(before)
    })
  )

  it.live("leaks no listener over 1,000 scopes", () =>
    Effect.gen(function* () {
      const before = listeners()
      yield* Effect.repeatN(Effect.scoped(Effect.asVoid(signalQueue(["SIGHUP", "SIGUSR2"]))), 1000)
      expect(listeners()).toBe(before)
    })
  )

  it.scopedLive("gives a signal to whoever waits for it", () =>
    Effect.gen(function* () {
      const queue = yield* signalQueue(["SIGHUP", "SIGUSR2"])
      yield* raise("SIGUSR2")
      expect(yield* Queue.take(queue)).toBe("SIGUSR2")
      yield* raise("SIGHUP")
      expect(yield* Queue.take(queue)).toBe("SIGHUP")
    })
  )

  it.scopedLive("makes one request of twenty signals at once, and takes the next one after it", () =>
    Effect.gen(function* () {
      const queue = yield* signalQueue(["SIGHUP"])
      yield* raise("SIGHUP", 20)
      expect(yield* Queue.takeAll(queue)).toHaveLength(1)
      yield* raise("SIGHUP")
      expect(yield* Queue.takeAll(queue)).toHaveLength(1)
    })
  )
})
