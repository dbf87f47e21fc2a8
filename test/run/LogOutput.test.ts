import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { Errno } from "../../src/host/Errno.ts"
import type { LogFile } from "../../src/log/LogFile.ts"
import { startWriting } from "../../src/run/LogOutput.ts"
import { makeRunServices } from "../support/RunServices.ts"

const full: Errno = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" })

/** Writes to a log that does this with lines; `finishing` is the flush that a stop begins. */
const writing = (write: LogFile["write"], giveUp: LogFile["giveUp"] = Effect.void) =>
  Effect.gen(function* () {
    const services = yield* makeRunServices({ "flush-grace": "3 seconds" }, { write, giveUp })
    let bytes = 0
    const finish = yield* startWriting(services.main, (more) => {
      bytes += more
    }).pipe(Effect.provide(services.layer))
    services.lines.append("one\n")
    yield* TestClock.adjust("1 second")
    return { ...services, written: () => bytes, finishing: Effect.fork(finish(services.configuration.log.flushGrace)) }
  })

const isOver = (fiber: Fiber.RuntimeFiber<void>) => Effect.map(Fiber.poll(fiber), ({ _tag }) => _tag === "Some")

describe("startWriting", () => {
  it.effect("writes the lines that wait at a stop, and ends without waiting for its bound", () =>
    Effect.gen(function* () {
      const { lines, written, finishing } = yield* writing(() => Effect.sleep("1 second"))
      lines.append("three\n")
      const fiber = yield* finishing
      yield* TestClock.adjust("2 seconds")
      expect(yield* isOver(fiber)).toBe(true)
      expect(written()).toBe("one\nthree\n".length)
    })
  )

  it.effect("gives up the lines of a full disk after flush_grace", () =>
    Effect.gen(function* () {
      const givenUp: Array<string> = []
      const giveUp = Effect.sync(() => void givenUp.push("the torn line"))
      const { finishing, lines } = yield* writing(() => Effect.fail(full), giveUp)
      const fiber = yield* finishing
      yield* TestClock.adjust("2999 millis")
      expect(yield* isOver(fiber)).toBe(false)
      yield* TestClock.adjust("1 milli")
      expect(yield* isOver(fiber)).toBe(true)
      expect(givenUp).toEqual(["the torn line"])
      expect(lines.size).toBe("one\n".length)
    })
  )

  it.effect("leaves a write that hangs behind, a second after flush_grace", () =>
    Effect.gen(function* () {
      const { finishing } = yield* writing(() => Effect.uninterruptible(Effect.never))
      const fiber = yield* finishing
      yield* TestClock.adjust("3999 millis")
      expect(yield* isOver(fiber)).toBe(false)
      yield* TestClock.adjust("1 milli")
      expect(yield* isOver(fiber)).toBe(true)
    })
  )

  it.effect("logs the first failure and the recovery, and counts each failure", () =>
    Effect.gen(function* () {
      let failures = 3
      const { noticed, counters, written, configuration } = yield* writing(() =>
        Effect.suspend(() => (failures-- > 0 ? Effect.fail(full) : Effect.void))
      )
      yield* TestClock.adjust("5 seconds")
      expect(noticed).toEqual([
        expect.stringMatching(/^error: can't write to the log \/\S+: .*The lines wait in memory, up to log\.buffer/),
        `info: ${configuration.log.file} can be written again; no line that waited was lost.`
      ])
      expect(counters.writeRetries).toBe(3)
      expect(written()).toBe("one\n".length)
    })
  )
})
