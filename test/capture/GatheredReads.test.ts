import * as fs from "node:fs"
import * as path from "node:path"
import * as Command from "@effect/platform/Command"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { startGathering } from "../../src/capture/GatheredReads.ts"
import { temporaryFolder } from "../log/Descriptors.ts"
import { executor } from "./Fakes.ts"

const start = (program: string, ...flags: ReadonlyArray<string>) =>
  Effect.flatMap(CommandExecutor.CommandExecutor, (executor) =>
    startGathering(executor.start(Command.make(program, ...flags)))
  )

describe("startGathering", () => {
  it.scopedLive("gives every byte once, in order, and then its end", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "lines")
      const lines = Array.from({ length: 400_000 }, (_, number) => `line ${number}\n`).join("")
      fs.writeFileSync(file, lines)
      const { output } = yield* start("cat", file)
      const reads = yield* Stream.runCollect(output)
      expect(Buffer.concat([...reads].flat()).toString() === lines).toBe(true)
    }).pipe(Effect.provide(executor))
  )

  it.scopedLive("hands lines that are written one by one on together", () =>
    Effect.gen(function* () {
      const writeLines = "for (let n = 0; n < 20000; n++) fs.writeSync(1, 'x'.repeat(150) + '\\n')"
      const { output } = yield* start(process.execPath, "-e", writeLines)
      const reads = yield* Stream.runCollect(output)
      expect(Buffer.concat([...reads].flat()).length).toBe(20_000 * 151)
      expect(reads.length).toBeLessThan(2000)
    }).pipe(Effect.provide(executor))
  )

  it.scopedLive("gives a lone line while its writer lives on", () =>
    Effect.gen(function* () {
      const { output } = yield* start("sh", "-c", "echo one; sleep 1000")
      const first = yield* Stream.runHead(output).pipe(Effect.timeout("5 seconds"))
      expect(Buffer.concat(first._tag === "Some" ? [...first.value] : []).toString()).toBe("one\n")
    }).pipe(Effect.provide(executor))
  )

  it.scopedLive("stops reading while nobody takes what has come", () =>
    Effect.gen(function* () {
      const count = path.join(yield* temporaryFolder, "count")
      const writeBlocks = `for (let n = 1; ; n++) { fs.writeSync(1, Buffer.alloc(65536)); fs.writeFileSync(${JSON.stringify(count)}, String(n)) }`
      const { output } = yield* start(process.execPath, "-e", writeBlocks)
      const written = () => (fs.existsSync(count) ? Number(fs.readFileSync(count, "utf8")) : 0)
      const stuck = Effect.gen(function* () {
        for (let before = -1; before !== written() || before === 0; ) {
          before = written()
          yield* Effect.sleep("300 millis")
        }
      }).pipe(Effect.timeout("20 seconds"))
      yield* Stream.runForEach(Stream.take(output, 1), () => stuck)
      // What a socket holds, and what is gathered: far from unlimited.
      expect(written()).toBeLessThan(30)
    }).pipe(Effect.provide(executor))
  )
})
