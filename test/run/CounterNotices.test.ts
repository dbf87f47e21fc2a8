import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as TestClock from "effect/TestClock"
import { answerWithCounters, noteEnding } from "../../src/run/CounterNotices.ts"
import { makeNotices } from "../../src/run/Notices.ts"
import * as Service from "../../src/run/Services.ts"
import { makeRunServices } from "../support/RunServices.ts"

const realNotices = Layer.effect(Service.Notices, Effect.zipWith(Service.Codec, Service.Lines, makeNotices))

describe("noteEnding", () => {
  // Around a power of ten the notice grows with the number in it.
  it.effect.each([0, 700, 9_760, 9_770, 9_780, 9_790, 99_777])("counts its own bytes behind %i others", (before) =>
    Effect.gen(function* () {
      const { layer, counters, lines } = yield* makeRunServices({})
      counters.bytes = Math.floor(before / 2)
      lines.append("x".repeat(before - counters.bytes))
      yield* Effect.provide(noteEnding, realNotices.pipe(Layer.provideMerge(layer)))
      lines.close()
      const block = yield* lines.take
      const text = block?.buffer.toString("latin1", 0, block.length) ?? ""
      const counted = Number(/ending: 0 entries.* (\d+) bytes written/.exec(text)?.[1])
      expect(counted).toBe(counters.bytes + text.length)
    })
  )
})

describe("answerWithCounters", () => {
  it.effect("writes the counters of the moment for each signal", () =>
    Effect.gen(function* () {
      const { layer, counters, noticed } = yield* makeRunServices({})
      const signals = yield* Queue.sliding<NodeJS.Signals>(1)
      yield* Effect.fork(Effect.provide(answerWithCounters(signals), layer))
      for (const restarts of [3, 4]) {
        counters.restarts = restarts
        yield* Queue.offer(signals, "SIGUSR2")
        yield* TestClock.adjust(0)
      }
      expect(noticed).toEqual([
        expect.stringMatching(/^info: 0 entries, .* 3 restarts of tcpdump/),
        expect.stringMatching(/^info: 0 entries, .* 4 restarts of tcpdump/)
      ])
    })
  )
})
