import type * as Command from "@effect/platform/Command"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import type { CaptureHandlers } from "../../src/capture/Capture.ts"
import type { CaptureEnd, TcpdumpError } from "../../src/capture/CaptureError.ts"
import { captureInterface } from "../../src/run/CaptureRuns.ts"
import * as Service from "../../src/run/Services.ts"
import { captureOf } from "../support/captures/CaptureInMemory.ts"
import { freebsdHeader } from "../support/captures/PflogHeader.ts"
import { hostile } from "../support/captures/scenarios/Hostile.ts"
import { makeRunServices } from "../support/RunServices.ts"

/** No process has this number, and none is asked for its statistics. */
const pid = 4_194_305

const ended: CaptureEnd = {
  status: { _tag: "Exited", status: 1 },
  problem: undefined,
  lastWords: ["pflog0: No such device"],
  uptime: Duration.zero
}

/** What a tcpdump does in a run: the first run is number 1. */
type Run = (handlers: CaptureHandlers, run: number) => Effect.Effect<CaptureEnd, TcpdumpError>

/** Runs a tcpdump that is a plain function, and notes its command. */
const runBy =
  (behaviour: Run, commands: Array<Command.Command>) =>
  <R>(
    command: Command.Command,
    _program: string,
    _stop: Deferred.Deferred<void>,
    _grace: Duration.Duration,
    started: (pid: number) => Effect.Effect<CaptureHandlers, never, R | Scope.Scope>
  ): Effect.Effect<CaptureEnd, TcpdumpError, Exclude<R, Scope.Scope>> => {
    commands.push(command)
    return Effect.scoped(Effect.flatMap(started(pid), (handlers) => behaviour(handlers, commands.length)))
  }

/** Captures by a tcpdump that is a plain function; `commands` are what it was started with. */
const capturing = (behaviour: Run) =>
  Effect.gen(function* () {
    const services = yield* makeRunServices({
      "restart-initial-delay": "1 second",
      "restart-max-delay": "10 seconds",
      "statistics-interval": "0 seconds",
      "pid-file": "/nonexistent/pfasciilogd-test.pid"
    })
    const commands: Array<Command.Command> = []
    const capture = Layer.succeed(Service.Capture, { run: runBy(behaviour, commands) })
    const fiber = yield* Effect.fork(Effect.provide(captureInterface, Layer.merge(services.layer, capture)))
    yield* TestClock.adjust(0)
    return { ...services, commands, fiber }
  })

describe("captureInterface", () => {
  it.effect("starts tcpdump again after each end, with the reason in the log, until the run must stop", () =>
    Effect.gen(function* () {
      const { commands, counters, noticed, stop, fiber } = yield* capturing(() => Effect.succeed(ended))
      expect(noticed).toEqual([
        `info: started tcpdump[${pid}] on pflog0`,
        expect.stringMatching(
          /^warning: tcpdump exited with status 1, saying: pflog0: No such device\. Starting it again in (0\.[89]|1\.[0-2]) s\.$/
        )
      ])
      yield* TestClock.adjust("1200 millis")
      expect(commands).toHaveLength(2)
      expect(counters.restarts).toBe(2)
      yield* Deferred.succeed(stop, undefined)
      yield* Fiber.join(fiber)
      yield* TestClock.adjust("1 hour")
      expect(commands).toHaveLength(2)
    })
  )

  it.effect("logs the same end three times, and from then on only its tenth, hundredth and so on", () =>
    Effect.gen(function* () {
      const { commands, noticed } = yield* capturing(() => Effect.succeed(ended))
      yield* TestClock.adjust("3 minutes")
      expect(commands.length).toBeGreaterThan(12)
      expect(noticed.filter((notice) => notice.startsWith("warning: "))).toEqual([
        expect.stringMatching(/Starting it again in [\d.]+ s\.$/),
        expect.stringMatching(/Starting it again in [\d.]+ s\.$/),
        expect.stringMatching(/Starting it again in [\d.]+ s, and so on; the same end is only counted from here on\.$/),
        expect.stringMatching(/This is the same end for the 10th time\.$/)
      ])
    })
  )

  it.effect("starts tcpdump again at once without the options that its usage does not show", () =>
    Effect.gen(function* () {
      const usage = "Usage: tcpdump [-AbdU] [ -B size ] [ -Z user ]"
      const { commands, counters, noticed, relayed } = yield* capturing(({ onWords }, run) =>
        run === 1 ? Effect.as(onWords([usage]), ended) : Effect.never
      )
      const [first, second] = commands.map((command) => JSON.stringify(command))
      expect(first).toContain("--immediate-mode")
      expect(second).not.toContain("--immediate-mode")
      expect(noticed).toContain("info: this tcpdump does not take --immediate-mode: it is started again without")
      expect(relayed).toEqual([])
      expect(counters.restarts).toBe(0)
    })
  )

  it.effect("turns what tcpdump writes into lines, and counts them, in each run anew", () =>
    Effect.gen(function* () {
      const { bytes, truths } = captureOf(hostile(freebsdHeader, 40, 3))
      const { counters, lines } = yield* capturing(({ onBytes, onEnd }) =>
        Effect.zipRight(onBytes(bytes), onEnd).pipe(Effect.orDie, Effect.as(ended))
      )
      yield* TestClock.adjust("1200 millis")
      expect(counters.entries + counters.unrecognised).toBe(2 * truths.length)
      const block = yield* lines.take
      const text = block?.buffer.toString("latin1", 0, block.length) ?? ""
      expect(text.split("\n")).toHaveLength(2 * truths.length + 1)
    })
  )

  it.effect("warns of packets that the kernel has dropped, and sums them over the runs", () =>
    Effect.gen(function* () {
      const statistics = "tcpdump: 0 packets captured, 15 packets received by filter, 3 packets dropped by kernel"
      const { counters, noticed, relayed } = yield* capturing(({ onWords }) => Effect.as(onWords([statistics]), ended))
      yield* TestClock.adjust("1200 millis")
      expect(noticed.filter((notice) => /the kernel has dropped 3 packets/.test(notice))).toHaveLength(2)
      expect(counters.kernel).toEqual({ received: 30, dropped: 6 })
      expect(relayed).toEqual([])
    })
  )

  it.effect("makes tcpdump wait while the log has no room, but not once the run must stop", () =>
    Effect.gen(function* () {
      let hasGoneOn = false
      const { lines, stop } = yield* capturing(({ onWords }) =>
        Effect.sleep("1 second").pipe(
          Effect.zipRight(onWords(["hello"])),
          Effect.tap(() => {
            hasGoneOn = true
          }),
          Effect.zipRight(Effect.never)
        )
      )
      while (lines.hasRoom) lines.append("x".repeat(1_000_000))
      yield* TestClock.adjust("1 minute")
      expect(hasGoneOn).toBe(false)
      yield* Deferred.succeed(stop, undefined)
      yield* TestClock.adjust(0)
      expect(hasGoneOn).toBe(true)
    })
  )
})
