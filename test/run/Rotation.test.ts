import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as TestClock from "effect/TestClock"
import { LogFileError } from "../../src/log/AppendFile.ts"
import { LineBuffer } from "../../src/log/LineBuffer.ts"
import type { LogFile } from "../../src/log/LogFile.ts"
import { rotateUpon } from "../../src/run/Rotation.ts"
import * as Service from "../../src/run/Services.ts"
import { fakeLog, makeRunServices } from "../support/RunServices.ts"

const refused = new LogFileError({ reason: "permission", path: "/l", why: "permission denied", advice: "Look." })

/** Listens to a queue for a main log and a second log that rotate like this. */
const listening = (rotate: LogFile["rotate"], rotateScans: LogFile["rotate"]) =>
  Effect.gen(function* () {
    const services = yield* makeRunServices({}, { rotate })
    const output = fakeLog("/scans", new LineBuffer(1000), { rotate: rotateScans })
    const scans = Layer.succeed(Service.ScanLog, { output, entry: () => undefined, settle: Effect.void })
    const signals = yield* Queue.sliding<NodeJS.Signals>(1)
    yield* Effect.fork(Effect.provide(rotateUpon(signals), Layer.merge(services.layer, scans)))
    const send = Effect.zipRight(Queue.offer(signals, "SIGHUP"), TestClock.adjust(0))
    return { ...services, send }
  })

describe("rotateUpon", () => {
  it.effect("opens both logs anew for a signal, and counts one rotation", () =>
    Effect.gen(function* () {
      const opened: Array<string> = []
      const { send, counters, noticed } = yield* listening(
        Effect.sync(() => void opened.push("main")),
        Effect.sync(() => void opened.push("scans"))
      )
      expect(opened).toEqual([])
      yield* send
      expect(opened).toEqual(["main", "scans"])
      expect(counters.rotations).toBe(1)
      yield* send
      expect(counters.rotations).toBe(2)
      expect(noticed).toEqual([])
    })
  )

  it.effect("logs an error for the log that can't be opened, and counts the rotation of the other", () =>
    Effect.gen(function* () {
      const { send, counters, noticed } = yield* listening(refused, Effect.void)
      yield* send
      expect(noticed).toEqual([`error: ${refused.message} The file in use stays in use.`])
      expect(counters.rotations).toBe(1)
    })
  )

  it.effect("counts no rotation where no log can be opened, and goes on listening", () =>
    Effect.gen(function* () {
      const { send, counters, noticed } = yield* listening(refused, refused)
      yield* send
      yield* send
      expect(noticed).toHaveLength(4)
      expect(counters.rotations).toBe(0)
    })
  )

  it.effect("rotates once more for the signals that come during a rotation, however many", () =>
    Effect.gen(function* () {
      const { send, counters } = yield* listening(Effect.sleep("1 second"), Effect.void)
      for (let signal = 0; signal < 4; signal += 1) yield* send
      yield* TestClock.adjust("10 seconds")
      expect(counters.rotations).toBe(2)
    })
  )
})
