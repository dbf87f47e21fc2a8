import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { NewFileError } from "../../src/host/NewFile.ts"
import { keepTextfile } from "../../src/run/MetricsTextfile.ts"
import { makeRunServices } from "../support/RunServices.ts"

const refused = new NewFileError({ reason: "unavailable", path: "/m.prom", why: "permission denied", advice: "Look." })

/** Keeps the text file `/m.prom` of pflog3 in a scope of its own, which `close` closes; `write` writes it. */
const keeping = (write: Effect.Effect<void, NewFileError>, textfile = "/m.prom") =>
  Effect.gen(function* () {
    const services = yield* makeRunServices({
      "metrics-textfile": textfile,
      "metrics-interval": "20 seconds",
      interface: "pflog3"
    })
    const written: Array<string> = []
    const scope = yield* Scope.make()
    const kept = keepTextfile((path, source) =>
      Effect.zipRight(
        Effect.sync(() => void written.push(`${path} of ${source}`)),
        write
      )
    )
    yield* kept.pipe(Effect.provide(services.layer), Scope.extend(scope), Effect.forkIn(scope))
    yield* TestClock.adjust(0)
    return { ...services, written, close: Scope.close(scope, Exit.void) }
  })

describe("keepTextfile", () => {
  it.effect("writes the file after each interval, and once more at the end", () =>
    Effect.gen(function* () {
      const { written, close } = yield* keeping(Effect.void)
      yield* TestClock.adjust("59 seconds")
      expect(written).toEqual(["/m.prom of pflog3", "/m.prom of pflog3"])
      yield* close
      expect(written).toHaveLength(3)
      yield* TestClock.adjust("1 minute")
      expect(written).toHaveLength(3)
    })
  )

  it.effect("logs one warning for writes that fail in a row, and another one after a good write", () =>
    Effect.gen(function* () {
      let isRefused = true
      const { noticed } = yield* keeping(Effect.suspend(() => (isRefused ? refused : Effect.void)))
      yield* TestClock.adjust("2 minutes")
      const warning = `warning: can't write metrics.textfile ${refused.message}`
      expect(noticed).toEqual([warning])
      isRefused = false
      yield* TestClock.adjust("20 seconds")
      isRefused = true
      yield* TestClock.adjust("1 minute")
      expect(noticed).toEqual([warning, warning])
    })
  )

  it.effect("gives up a last write that hangs after a second", () =>
    Effect.gen(function* () {
      const { close, written } = yield* keeping(Effect.uninterruptible(Effect.never))
      const closing = yield* Effect.fork(close)
      yield* TestClock.adjust("999 millis")
      expect(written).toHaveLength(1)
      expect(yield* Fiber.poll(closing)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 milli")
      expect(yield* Fiber.poll(closing)).toMatchObject({ _tag: "Some" })
    })
  )

  it.effect("writes nothing where no file is named", () =>
    Effect.gen(function* () {
      const { close, written } = yield* keeping(Effect.void, "")
      yield* TestClock.adjust("1 hour")
      yield* close
      expect(written).toEqual([])
    })
  )
})
