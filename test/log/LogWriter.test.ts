import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { Errno } from "../../src/host/Errno.ts"
import { LogFileError } from "../../src/log/AppendFile.ts"
import { LineBuffer } from "../../src/log/LineBuffer.ts"
import { type WriterEvents, type WrittenLog, writeLog } from "../../src/log/LogWriter.ts"

const noSpace = (): Errno => Object.assign(new Error("no space"), { code: "ENOSPC", syscall: "write" })

/** A log on a disk that has room for so many bytes, and keeps of a write what fits: as ENOSPC and short writes behave. */
class SmallDisk implements WrittenLog {
  readonly path = "/x"
  room: number
  content = ""
  attempts = 0
  #current: Uint8Array | undefined
  #written = 0

  constructor(room: number) {
    this.room = room
  }

  readonly write = (lines: Uint8Array) =>
    Effect.suspend(() => {
      this.attempts += 1
      if (this.#current !== lines) {
        this.#current = lines
        this.#written = 0
      }
      const fitting = Math.min(this.room - this.content.length, lines.length - this.#written)
      this.content += Buffer.from(lines).toString("latin1", this.#written, this.#written + fitting)
      this.#written += fitting
      return this.#written < lines.length ? Effect.fail(noSpace()) : Effect.void
    })

  readonly rotate = Effect.void
}

const recording = () => {
  const reported: Array<string> = []
  const events: WriterEvents = {
    onWritten: () => undefined,
    onTrouble: (why) => Effect.sync(() => void reported.push(`trouble: ${why}`)),
    onRetry: Effect.sync(() => void reported.push("retry")),
    onRecovery: Effect.sync(() => void reported.push("recovery"))
  }
  return { reported, events }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join("")

describe("writeLog", () => {
  it.effect("writes all that the buffer holds, and ends once it is closed", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(1024)
      const disk = new SmallDisk(Number.POSITIVE_INFINITY)
      const { reported, events } = recording()
      const writer = yield* Effect.fork(writeLog(buffer, disk, events))
      for (let round = 0; round < 3; round++) {
        buffer.append(numbered(1000))
        yield* Effect.yieldNow()
      }
      buffer.close()
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(writer)
      expect(disk.content === numbered(1000).repeat(3)).toBe(true)
      expect(reported).toEqual([])
      expect(buffer.size).toBe(0)
    })
  )

  it.effect("loses and doubles no line of a full disk that gets room again, and reports the trouble once", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(1024)
      const disk = new SmallDisk(1234)
      const { reported, events } = recording()
      const writer = yield* Effect.fork(writeLog(buffer, disk, events))
      buffer.append(numbered(1500))
      yield* TestClock.adjust("10 seconds")
      expect(disk.content).toHaveLength(1234)
      buffer.append(numbered(10))
      disk.room = 5000
      yield* TestClock.adjust("10 seconds")
      disk.room = Number.POSITIVE_INFINITY
      yield* TestClock.adjust("2 seconds")
      buffer.close()
      yield* Fiber.join(writer)
      expect(disk.content === numbered(1500) + numbered(10)).toBe(true)
      expect(reported.filter((line) => line !== "retry")).toEqual([
        "trouble: can't write to the log /x: no space is left on the disk.",
        "recovery"
      ])
    })
  )

  it.effect("tries at growing delays, in the end every second for as long as it takes", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(1024)
      const disk = new SmallDisk(0)
      const { reported, events } = recording()
      const writer = yield* Effect.fork(writeLog(buffer, disk, events))
      buffer.append("line\n")
      yield* TestClock.adjust("2 seconds")
      expect(disk.attempts).toBeLessThanOrEqual(6)
      const before = disk.attempts
      yield* TestClock.adjust("1 minute")
      expect(disk.attempts - before).toBe(60)
      expect(reported).toHaveLength(disk.attempts)
      yield* Fiber.interrupt(writer)
    })
  )

  it.effect("reports in full why the log can't be opened again", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(1024)
      const error = new LogFileError({ reason: "not-a-file", path: "/x", why: "it is a folder", advice: "Mend it." })
      const { reported, events } = recording()
      const log = { path: "/x", write: () => Effect.fail(error) }
      const writer = yield* Effect.fork(writeLog(buffer, log, events))
      buffer.append("line\n")
      yield* TestClock.adjust("1 millis")
      expect(reported).toEqual(["trouble: can't open the log /x: it is a folder. Mend it."])
      yield* Fiber.interrupt(writer)
    })
  )
})
