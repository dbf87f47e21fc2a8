import * as fs from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { mostRecords, RecordQueue } from "../../src/capture/RecordQueue.ts"
import { RecordSplitter, type Records } from "../../src/capture/RecordSplitter.ts"

/** The records of the sample, so many times over. */
const sampleRecords = (times: number): Records => {
  const found = new RecordSplitter().push(fs.readFileSync("test/support/captures/sample.pcap"))
  if (found._tag === "Text" || found.records === undefined) throw new Error("the sample has no records")
  const { file, bytes, count } = found.records
  return { file, bytes: Buffer.concat(Array.from({ length: times }, () => bytes)), count: count * times }
}

/** All that a closed queue gives, each block given back as soon as it is copied. */
const takeAll = (queue: RecordQueue) =>
  Effect.gen(function* () {
    const taken: Array<Records> = []
    for (;;) {
      const records = yield* queue.take
      if (records === undefined) return taken
      taken.push({ ...records, bytes: Buffer.from(records.bytes) })
      queue.release(records)
    }
  })

describe("RecordQueue", () => {
  it.effect.each([1, 3, 100, 300])("gives what was appended, in order, in batches (the sample %i times)", (times) =>
    Effect.gen(function* () {
      const records = sampleRecords(times)
      const queue = new RecordQueue(2 ** 30)
      for (let time = 0; time < 3; time++) queue.append(records)
      queue.close()
      const taken = yield* takeAll(queue)
      expect(Math.max(...taken.map(({ count }) => count))).toBeLessThanOrEqual(mostRecords)
      expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(3 * records.count)
      const appended = Buffer.concat([records.bytes, records.bytes, records.bytes])
      expect(Buffer.concat(taken.map(({ bytes }) => bytes)).equals(appended)).toBe(true)
    })
  )

  it.effect("keeps a copy: what is appended may be overwritten", () =>
    Effect.gen(function* () {
      const records = sampleRecords(1)
      const before = Buffer.from(records.bytes)
      const queue = new RecordQueue(2 ** 20)
      queue.append(records)
      records.bytes.fill(0)
      expect((yield* queue.take)?.bytes.equals(before)).toBe(true)
    })
  )

  it.effect("does not write over a batch before it is given back", () =>
    Effect.gen(function* () {
      const records = sampleRecords(1)
      const queue = new RecordQueue(2 ** 20)
      queue.append(records)
      const first = yield* queue.take
      for (let time = 0; time < 10; time++) {
        queue.append(sampleRecords(2))
        const next = yield* queue.take
        if (next !== undefined) queue.release(next)
      }
      expect(first?.bytes.equals(records.bytes)).toBe(true)
    })
  )

  it.effect("takes a record that is as long as any, wherever it comes", () =>
    Effect.gen(function* () {
      const { file, bytes } = sampleRecords(1)
      const long = Buffer.alloc(16 + 262_144)
      long.writeUInt32LE(262_144, 8)
      const queue = new RecordQueue(2 ** 30)
      for (let time = 0; time < 20; time++) {
        queue.append({ file, bytes: long, count: 1 })
        queue.append(sampleRecords(1))
      }
      queue.close()
      const taken = yield* takeAll(queue)
      expect(taken.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(20 * (long.length + bytes.length))
    })
  )

  it.effect("holds who asks for room back until as much is given back", () =>
    Effect.gen(function* () {
      const records = sampleRecords(1)
      const queue = new RecordQueue(records.bytes.length)
      queue.append(records)
      expect(queue.hasRoom).toBe(false)
      const waiting = yield* Effect.fork(queue.room)
      const taken = yield* queue.take
      yield* Effect.yieldNow()
      expect(Option.isNone(yield* Fiber.poll(waiting))).toBe(true)
      if (taken !== undefined) queue.release(taken)
      yield* Fiber.join(waiting)
      expect(queue.hasRoom).toBe(true)
    })
  )

  it.effect("waits for records, and gives nothing once it is closed and empty", () =>
    Effect.gen(function* () {
      const queue = new RecordQueue(2 ** 20)
      const waiting = yield* Effect.fork(queue.take)
      yield* Effect.yieldNow()
      queue.append(sampleRecords(1))
      expect((yield* Fiber.join(waiting))?.count).toBe(177)
      const last = yield* Effect.fork(queue.take)
      yield* Effect.yieldNow()
      queue.close()
      expect(yield* Fiber.join(last)).toBeUndefined()
    })
  )
})
