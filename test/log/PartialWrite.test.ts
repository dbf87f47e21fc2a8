import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeLogFile } from "../../src/log/LogFile.ts"
import { temporaryFolder } from "../support/Descriptors.ts"
import { limitFileSize } from "../support/FileSizeLimit.ts"
import { bytes, newLog, noEvents, textOf } from "../support/LogFiles.ts"

describe("a LogFile whose writes are cut short", () => {
  it.scopedLive("goes on behind the short write of a line, and splits it over no two files", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      const lines = bytes("first line\nsecond line\nthird line\n")
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* limitFileSize(15)
          const error = yield* Effect.flip(log.write(lines))
          expect(error).toMatchObject({ code: "EFBIG" })
          expect(textOf(file)).toBe("first line\nseco")
        })
      )
      fs.renameSync(file, `${file}.0`)
      yield* log.rotate
      yield* log.write(lines)
      expect(textOf(`${file}.0`)).toBe("first line\nsecond line\n")
      expect(textOf(file)).toBe("third line\n")
    })
  )

  it.scopedLive("doesn't take its own unfinished line for a torn one when a signal comes without a rename", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      const lines = bytes("first line\nsecond line\n")
      yield* Effect.scoped(Effect.zipRight(limitFileSize(15), Effect.flip(log.write(lines))))
      yield* log.rotate
      yield* log.write(lines)
      expect(textOf(file)).toBe("first line\nsecond line\n")
    })
  )

  it.scopedLive("takes the line that it can't finish out of the old file, and writes it whole to the new one", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      const lines = bytes("first line\nsecond line\n")
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* limitFileSize(15)
          yield* Effect.flip(log.write(lines))
          fs.renameSync(file, `${file}.0`)
          yield* log.rotate
          yield* log.write(lines)
        })
      )
      expect(textOf(`${file}.0`)).toBe("first line\n")
      expect(textOf(file)).toBe("second line\n")
    })
  )
})

describe("a LogFile that holds half a line of ours", () => {
  const lines = bytes("first line\nsecond line\nthird line\n")

  /** A log into which the lines went as far as "first line\nseco". */
  const halfWritten = (onForeignEnd: Effect.Effect<void> = Effect.void) =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "pf.log")
      const log = yield* makeLogFile(file, 0o640, { ...noEvents, onForeignEnd })
      yield* Effect.scoped(Effect.zipRight(limitFileSize(15), Effect.flip(log.write(lines))))
      expect(textOf(file)).toBe("first line\nseco")
      return { file, log }
    })

  it.scopedLive.each([
    ["emptied", () => "", "second line\nthird line\n"],
    ["cut between two lines", () => "first line\n", "first line\nsecond line\nthird line\n"],
    ["cut within the half", () => "first line\nse", "first line\nsecond line\nthird line\n"],
    [
      "written to by another process",
      (text: string) => `${text}xyz\n`,
      "first line\nsecoxyz\nsecond line\nthird line\n"
    ],
    ["left with half a line of another process", () => "foreign", "foreign\nsecond line\nthird line\n"]
  ] as const)("writes that line again, whole, and reports it, where the file was %s", ([, meddle, after]) =>
    Effect.gen(function* () {
      let reported = 0
      const { file, log } = yield* halfWritten(
        Effect.sync(() => {
          reported += 1
        })
      )
      fs.writeFileSync(file, meddle(textOf(file)))
      yield* log.write(lines)
      expect(textOf(file)).toBe(after)
      expect(reported).toBe(1)
    })
  )

  it.scopedLive("goes on behind it where nobody has touched the file, and reports nothing", () =>
    Effect.gen(function* () {
      const { file, log } = yield* halfWritten(Effect.die("reported"))
      yield* log.write(lines)
      expect(textOf(file)).toBe("first line\nsecond line\nthird line\n")
    })
  )

  it.scopedLive("writes that line whole to the new file where the old one was emptied before a rotation", () =>
    Effect.gen(function* () {
      const { file, log } = yield* halfWritten()
      fs.renameSync(file, `${file}.0`)
      fs.writeFileSync(`${file}.0`, "")
      yield* log.rotate
      yield* log.write(lines)
      expect(textOf(`${file}.0`)).toBe("")
      expect(textOf(file)).toBe("second line\nthird line\n")
    })
  )

  it.scopedLive("takes it out of the file when the lines are given up, and counts the whole lines", () =>
    Effect.gen(function* () {
      const { file, log } = yield* halfWritten()
      yield* log.giveUp
      expect(textOf(file)).toBe("first line\n")
      expect(log.partlyWritten()).toBe("first line\n".length)
    })
  )

  it.scopedLive("takes nothing of somebody else's out of the file when the lines are given up", () =>
    Effect.gen(function* () {
      const { file, log } = yield* halfWritten()
      fs.appendFileSync(file, "xyz\n")
      yield* log.giveUp
      expect(textOf(file)).toBe("first line\nsecoxyz\n")
    })
  )
})
