import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { type Block, LineBuffer } from "../../src/log/LineBuffer.ts"

const textOf = (block: Block | undefined) => block?.buffer.toString("latin1", 0, block.length)

/** Whether an effect has come to its end once every fiber that can run has run. */
const isDone = <A>(fiber: Fiber.RuntimeFiber<A>) =>
  Effect.zipRight(Effect.yieldNow(), Effect.map(Fiber.poll(fiber), Option.isSome))

describe("LineBuffer", () => {
  it.effect("gives back what was appended, in order, whatever the sizes", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(1024)
      const lines = Array.from({ length: 3000 }, (_, index) => `${index}${"x".repeat((index * 7919) % 1500)}\n`)
      let taken = ""
      for (const [index, line] of lines.entries()) {
        buffer.append(line)
        if (index % 100 !== 99) continue
        const block = yield* buffer.take
        taken += textOf(block)
        if (block !== undefined) buffer.release(block)
      }
      buffer.close()
      for (let block = yield* buffer.take; block !== undefined; block = yield* buffer.take) {
        taken += textOf(block)
        buffer.release(block)
      }
      expect(taken === lines.join("")).toBe(true)
      expect(buffer.size).toBe(0)
    })
  )

  it.effect("keeps lines whole in a block, also those larger than a block", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(1024)
      const large = `${"y".repeat(3_000_000)}\n`
      buffer.append("small\n")
      buffer.append(large)
      buffer.append("after\n")
      expect(textOf(yield* buffer.take)).toBe("small\n")
      expect(textOf(yield* buffer.take) === large).toBe(true)
      expect(textOf(yield* buffer.take)).toBe("after\n")
    })
  )

  it.effect("never appends to a block that was taken and not released", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(1024)
      buffer.append("one\n")
      const taken = yield* buffer.take
      buffer.append("two\n")
      expect(textOf(taken)).toBe("one\n")
      expect(textOf(yield* buffer.take)).toBe("two\n")
    })
  )

  it.effect("has room below its bound only, and counts what is being written", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(8)
      buffer.append("1234567")
      expect(buffer.hasRoom).toBe(true)
      yield* buffer.room
      buffer.append("8")
      expect(buffer.hasRoom).toBe(false)
      const waiting = yield* Effect.fork(buffer.room)
      expect(yield* isDone(waiting)).toBe(false)
      const block = yield* buffer.take
      expect(yield* isDone(waiting)).toBe(false)
      expect(buffer.size).toBe(8)
      if (block !== undefined) buffer.release(block)
      yield* Fiber.join(waiting)
      expect(buffer.size).toBe(0)
    })
  )

  it.effect("makes a taker wait until there is a line", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(8)
      const taking = yield* Effect.fork(buffer.take)
      expect(yield* isDone(taking)).toBe(false)
      buffer.append("")
      expect(yield* isDone(taking)).toBe(false)
      buffer.append("line\n")
      expect(textOf(yield* Fiber.join(taking))).toBe("line\n")
    })
  )

  it.effect("gives what is left after it was closed, and then nothing", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(8)
      buffer.append("left\n")
      buffer.close()
      expect(textOf(yield* buffer.take)).toBe("left\n")
      expect(yield* buffer.take).toBe(undefined)
      expect(yield* buffer.take).toBe(undefined)
    })
  )

  it.effect("ends the wait of a taker when it is closed", () =>
    Effect.gen(function* () {
      const buffer = new LineBuffer(8)
      const taking = yield* Effect.fork(buffer.take)
      expect(yield* isDone(taking)).toBe(false)
      buffer.close()
      expect(yield* Fiber.join(taking)).toBe(undefined)
    })
  )
})
