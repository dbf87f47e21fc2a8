import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { type CaptureEnd, type ProcessEnd, TcpdumpError } from "../../src/capture/CaptureError.ts"
import { type RestartPolicy, supervise } from "../../src/capture/Supervisor.ts"

const policy: RestartPolicy = {
  initialDelay: Duration.millis(250),
  maxDelay: Duration.seconds(30),
  healthyAfter: Duration.minutes(1)
}

const failed: ProcessEnd = { _tag: "Exited", status: 1 }

/** A capture that runs for these spans, in turn, the last one again and again. */
const runningFor = (spans: ReadonlyArray<Duration.DurationInput>, starts: Array<number>, status: ProcessEnd = failed) =>
  Effect.gen(function* () {
    const startedAt = yield* Clock.currentTimeMillis
    starts.push(startedAt)
    yield* Effect.sleep(spans[Math.min(starts.length, spans.length) - 1] ?? 0)
    const uptime = Duration.millis((yield* Clock.currentTimeMillis) - startedAt)
    return { status, problem: undefined, lastWords: [], uptime } satisfies CaptureEnd
  })

/** Supervises a capture; `starts` are its times, `delays` what was told of the waits between, in milliseconds. */
const supervised = (spans: ReadonlyArray<Duration.DurationInput>, status: ProcessEnd = failed) =>
  Effect.gen(function* () {
    const stop = yield* Deferred.make<void>()
    const starts: Array<number> = []
    const delays: Array<number> = []
    const capture = runningFor(spans, starts, status)
    const fiber = yield* Effect.fork(
      supervise(capture, policy, stop, (_outcome, delay) =>
        Effect.sync(() => void delays.push(Duration.toMillis(delay)))
      )
    )
    return { fiber, starts, delays, stop: Deferred.succeed(stop, undefined) }
  })

const expectWithin20Percent = (delay: number | undefined, nominal: number) => {
  expect(delay).toBeGreaterThanOrEqual(nominal * 0.8 - 1)
  expect(delay).toBeLessThanOrEqual(nominal * 1.2 + 1)
}

describe("supervise", () => {
  it.effect(
    "waits longer from failure to failure, within 20 % of the doubled delay, and never beyond the longest",
    () =>
      Effect.gen(function* () {
        const { starts, delays, fiber } = yield* supervised([0])
        yield* TestClock.adjust("10 minutes")
        for (const [index, delay] of delays.entries()) expectWithin20Percent(delay, Math.min(250 * 2 ** index, 30_000))
        expect(Math.max(...delays)).toBeLessThanOrEqual(30_000)
        expect(starts.length).toBeGreaterThan(20)
        const waited = starts.slice(1).map((start, index) => start - (starts[index] ?? 0))
        expect(waited).toEqual(delays.slice(0, waited.length))
        yield* Fiber.interrupt(fiber)
      })
  )

  it.effect("starts between 3 and 12 times in the first 6 seconds of a crash loop", () =>
    Effect.gen(function* () {
      const { starts, fiber } = yield* supervised([0])
      yield* TestClock.adjust("6 seconds")
      expect(starts.length).toBeGreaterThanOrEqual(3)
      expect(starts.length).toBeLessThanOrEqual(12)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("spreads the delays: hosts that fail together don't start together", () =>
    Effect.gen(function* () {
      const firsts = yield* Effect.forEach(Array.from({ length: 30 }), () =>
        Effect.gen(function* () {
          const { delays, fiber } = yield* supervised([0])
          yield* TestClock.adjust("1 millis")
          yield* Fiber.interrupt(fiber)
          return delays[0]
        })
      )
      expect(new Set(firsts).size).toBeGreaterThan(5)
    })
  )

  it.effect("begins with the first delay again after a healthy run", () =>
    Effect.gen(function* () {
      const { delays, fiber } = yield* supervised([0, 0, 0, 0, 0, 0, "61 seconds", 0])
      yield* TestClock.adjust("5 minutes")
      expectWithin20Percent(delays[5], 8000)
      expectWithin20Percent(delays[6], 250)
      expectWithin20Percent(delays[7], 500)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("doesn't take a crash loop that has lasted long for health", () =>
    Effect.gen(function* () {
      const { delays, fiber } = yield* supervised(["59 seconds"])
      yield* TestClock.adjust("1 hour")
      expect(delays.length).toBeGreaterThan(30)
      for (const delay of delays.slice(8)) expect(delay).toBeGreaterThanOrEqual(24_000)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.live("still waits the longest delay after 1,100 failures, far beyond the powers of two", () =>
    Effect.gen(function* () {
      const stop = yield* Deferred.make<void>()
      const quick = { ...policy, initialDelay: Duration.millis(1), maxDelay: Duration.millis(1) }
      const delays: Array<number> = []
      yield* supervise(runningFor([0], []), quick, stop, (_outcome, delay) => {
        delays.push(Duration.toMillis(delay))
        return delays.length === 1100 ? Effect.asVoid(Deferred.succeed(stop, undefined)) : Effect.void
      })
      expect(delays.every((delay) => delay === 1)).toBe(true)
    })
  )

  it.effect("starts again after an exit with status 0", () =>
    Effect.gen(function* () {
      const { starts, fiber } = yield* supervised([0], { _tag: "Exited", status: 0 })
      yield* TestClock.adjust("1 seconds")
      expect(starts.length).toBeGreaterThan(1)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("tries again where tcpdump can't be started", () =>
    Effect.gen(function* () {
      const stop = yield* Deferred.make<void>()
      let attempts = 0
      const missing = Effect.suspend(() => {
        attempts += 1
        return new TcpdumpError({ reason: "missing", program: "tcpdump", why: "missing", advice: "" })
      })
      const fiber = yield* Effect.fork(supervise(missing, policy, stop, () => Effect.void))
      yield* TestClock.adjust("6 seconds")
      expect(attempts).toBeGreaterThanOrEqual(3)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("ends at once when it is stopped during a delay", () =>
    Effect.gen(function* () {
      const { starts, fiber, stop } = yield* supervised([0])
      yield* TestClock.adjust("10 minutes")
      const before = starts.length
      yield* stop
      // The clock stands still: nothing but the stop can end it.
      yield* Fiber.join(fiber)
      expect(starts.length).toBe(before)
    })
  )

  it.effect("doesn't start again when it is stopped while the capture runs", () =>
    Effect.gen(function* () {
      const { starts, fiber, stop } = yield* supervised(["1 minute"])
      yield* TestClock.adjust("30 seconds")
      yield* stop
      yield* TestClock.adjust("31 seconds")
      yield* Fiber.join(fiber)
      expect(starts).toHaveLength(1)
    })
  )
})
