import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { warnOfSilence } from "../../src/run/SilenceWarning.ts"
import { captureOf, decode } from "../support/captures/CaptureInMemory.ts"
import { freebsdHeader } from "../support/captures/PflogHeader.ts"
import { hostile } from "../support/captures/scenarios/Hostile.ts"
import { makeRunServices } from "../support/RunServices.ts"

const { entries } = decode(captureOf(hostile(freebsdHeader, 5, 1)).bytes)

describe("warnOfSilence", () => {
  it.effect("warns once of a silence, and again only of one that follows an entry", () =>
    Effect.gen(function* () {
      const { layer, counters, noticed } = yield* makeRunServices({
        "silence-warning": "10 minutes",
        interface: "pflog3"
      })
      yield* Effect.fork(Effect.provide(warnOfSilence, layer))
      yield* TestClock.adjust("599 seconds")
      expect(noticed).toEqual([])
      yield* TestClock.adjust("1 second")
      const warning = expect.stringMatching(/^warning: no entry for 10m: does pf still log to pflog3\?/)
      expect(noticed).toEqual([warning])
      yield* TestClock.adjust("1 hour")
      expect(noticed).toEqual([warning])
      for (const entry of entries) counters.entry(entry)
      yield* TestClock.adjust("10 minutes")
      expect(noticed).toEqual([warning])
      yield* TestClock.adjust("10 minutes")
      expect(noticed).toEqual([warning, warning])
    })
  )

  it.effect("ends at once where no silence is to be warned of", () =>
    Effect.gen(function* () {
      const { layer, noticed } = yield* makeRunServices({ "silence-warning": "0 seconds" })
      const fiber = yield* Effect.fork(Effect.provide(warnOfSilence, layer))
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "Some" })
      expect(noticed).toEqual([])
    })
  )
})
