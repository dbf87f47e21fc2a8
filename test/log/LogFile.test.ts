import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { makeLogFile } from "../../src/log/LogFile.ts"
import { descriptorsOf, temporaryFolder } from "../support/Descriptors.ts"
import { bytes, newLog, noEvents, textOf } from "../support/LogFiles.ts"

describe("a LogFile's resource", () => {
  it.scopedLive("has exactly one descriptor open after three rotations, with and without a rename", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      for (let rotation = 0; rotation < 3; rotation++) {
        if (rotation > 0) fs.renameSync(file, `${file}.${rotation}`)
        yield* log.rotate
        expect(descriptorsOf(file)).toBe(1)
      }
    })
  )

  it.scopedLive("has no descriptor open once its scope is closed, also after a rotation that failed", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "pf.log")
      const scope = yield* Scope.make()
      const log = yield* Scope.extend(makeLogFile(file, 0o640, noEvents), scope)
      yield* log.rotate
      fs.renameSync(file, `${file}.0`)
      fs.mkdirSync(file)
      expect(Either.isLeft(yield* Effect.either(log.rotate))).toBe(true)
      expect(descriptorsOf(file)).toBe(1)
      yield* Scope.close(scope, Exit.void)
      expect(descriptorsOf(file)).toBe(0)
    })
  )

  it.scopedLive("leaks no descriptor over 2,000 rotations", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      const before = fs.readdirSync("/proc/self/fd").length
      for (let rotation = 0; rotation < 2000; rotation++) {
        if (rotation % 2 === 0) fs.renameSync(file, `${file}.0`)
        yield* log.rotate
      }
      expect(descriptorsOf(file)).toBe(1)
      expect(fs.readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before + 2)
    })
  )

  it.scopedLive("opens the new file before it closes the old one", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      const before = fs.fstatSync(descriptorTo(file)).ino
      const number = descriptorTo(file)
      fs.renameSync(file, `${file}.0`)
      yield* log.rotate
      // The lowest free number is given out: only while the old one is still open the new one gets another.
      expect(descriptorTo(file)).not.toBe(number)
      expect(fs.statSync(file).ino).not.toBe(before)
    })
  )

  it.scopedLive("keeps the old file in use where the new one can't be opened, and writes into no foreign file", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      fs.renameSync(file, `${file}.0`)
      fs.mkdirSync(file)
      const error = yield* Effect.flip(log.rotate)
      expect(error).toMatchObject({ _tag: "LogFileError", reason: "not-a-file" })
      // Had the old handle been closed, its number would now lead here.
      const foreign = path.join(path.dirname(file), "foreign")
      const descriptor = fs.openSync(foreign, "a")
      yield* log.write(bytes("one\ntwo\n"))
      fs.closeSync(descriptor)
      expect(textOf(foreign)).toBe("")
      expect(textOf(`${file}.0`)).toBe("one\ntwo\n")
    })
  )

  it.scopedLive("reports at once that the first file can't be opened", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* Effect.flip(makeLogFile(path.join(folder, "missing", "pf.log"), 0o640, noEvents))
      expect(error.reason).toBe("missing-folder")
      expect(error.message).toContain(path.join(folder, "missing", "pf.log"))
    })
  )
})

const descriptorTo = (file: string): number =>
  Number(fs.readdirSync("/proc/self/fd").find((number) => linkOf(number) === file))

const linkOf = (number: string): string => {
  try {
    return fs.readlinkSync(`/proc/self/fd/${number}`)
  } catch {
    return ""
  }
}

describe("a LogFile that is written and rotated", () => {
  it.scopedLive("holds every line once and whole, however writes and rotations meet", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      const line = (number: number) => `${number}${"x".repeat(number % 977)}\n`
      const writes = Effect.forEach(
        Array.from({ length: 1000 }, (_, index) => index),
        (number) => log.write(bytes(line(2 * number) + line(2 * number + 1))),
        { concurrency: 16 }
      )
      const rotations = Effect.forEach(
        Array.from({ length: 200 }, (_, index) => index),
        (number) =>
          Effect.sync(() => fs.renameSync(file, `${file}.${number}`)).pipe(
            Effect.zipRight(log.rotate),
            Effect.zipRight(Effect.sleep("1 millis"))
          )
      )
      yield* Effect.all([writes, rotations], { concurrency: 2 })
      const folder = path.dirname(file)
      const texts = fs.readdirSync(folder).map((name) => textOf(path.join(folder, name)))
      expect(texts).toHaveLength(201)
      for (const text of texts) expect(text === "" || text.endsWith("\n")).toBe(true)
      const lines = texts.flatMap((text) => text.split("\n").slice(0, -1))
      const expected = Array.from({ length: 2000 }, (_, index) => line(index).trimEnd())
      expect(lines.toSorted().join("\n") === expected.toSorted().join("\n")).toBe(true)
    })
  )
})

describe("a LogFile whose name leads elsewhere", () => {
  it.scopedLive("is opened again before the next write after a rename without a signal", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      yield* log.write(bytes("one\n"))
      fs.renameSync(file, `${file}.0`)
      yield* log.write(bytes("two\n"))
      expect([textOf(`${file}.0`), textOf(file)]).toEqual(["one\n", "two\n"])
      expect(descriptorsOf(file)).toBe(1)
    })
  )

  it.scopedLive("is opened again before the next write after a deletion without a signal", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      yield* log.write(bytes("one\n"))
      fs.rmSync(file)
      yield* log.write(bytes("two\n"))
      expect(textOf(file)).toBe("two\n")
      expect(descriptorsOf(file)).toBe(1)
    })
  )

  it.scopedLive("reports once that a renamed file stays in use, and again only after the log was opened again", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "pf.log")
      const reported: Array<string> = []
      const log = yield* makeLogFile(file, 0o640, {
        ...noEvents,
        onStray: (error) => Effect.sync(() => void reported.push(error.reason))
      })
      for (const round of [0, 1]) {
        fs.renameSync(file, `${file}.${round}`)
        fs.mkdirSync(file)
        yield* log.write(bytes("one\n"))
        yield* log.write(bytes("two\n"))
        expect(textOf(`${file}.${round}`).endsWith("one\ntwo\n")).toBe(true)
        fs.rmdirSync(file)
        yield* log.write(bytes("three\n"))
        expect(textOf(file)).toBe("three\n")
      }
      expect(reported).toEqual(["not-a-file", "not-a-file"])
    })
  )

  it.scopedLive("keeps the lines waiting while the deleted file's name is a folder's", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      fs.rmSync(file)
      fs.mkdirSync(file)
      expect(yield* Effect.flip(log.write(bytes("one\n")))).toMatchObject({ reason: "not-a-file" })
      fs.rmdirSync(file)
      yield* log.write(bytes("one\n"))
      expect(textOf(file)).toBe("one\n")
    })
  )

  it.scopedLive("keeps the lines waiting while its folder is gone", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* temporaryFolder, "logs")
      fs.mkdirSync(folder)
      const log = yield* makeLogFile(path.join(folder, "pf.log"), 0o640, noEvents)
      fs.rmSync(folder, { recursive: true })
      expect(yield* Effect.flip(log.write(bytes("one\n")))).toMatchObject({ reason: "missing-folder" })
      fs.mkdirSync(folder)
      yield* log.write(bytes("one\n"))
      expect(textOf(path.join(folder, "pf.log"))).toBe("one\n")
    })
  )

  it.scopedLive("follows no symbolic link that has taken its name", () =>
    Effect.gen(function* () {
      const { file, log } = yield* newLog
      const foreign = `${file}-foreign`
      fs.writeFileSync(foreign, "foreign\n")
      fs.renameSync(file, `${file}.0`)
      fs.symlinkSync(foreign, file)
      yield* log.write(bytes("one\n"))
      expect(yield* Effect.flip(log.rotate)).toMatchObject({ reason: "not-a-file", why: "it is a symbolic link" })
      expect(textOf(foreign)).toBe("foreign\n")
      expect(textOf(`${file}.0`)).toBe("one\n")
    })
  )
})

describe("makeLogFile", () => {
  it.scopedLive.each([
    ["a symbolic link to a file", (file: string) => fs.symlinkSync("/dev/null", file)],
    ["a symbolic link to nothing", (file: string) => fs.symlinkSync(`${file}-target`, file)],
    ["a FIFO, without waiting for its reader", (file: string) => execFileSync("mkfifo", [file])],
    ["a folder", (file: string) => fs.mkdirSync(file)]
  ] as const)("refuses %s", ([, make]) =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "pf.log")
      make(file)
      const error = yield* Effect.flip(makeLogFile(file, 0o640, noEvents))
      expect(error.reason).toBe("not-a-file")
      expect(fs.existsSync(`${file}-target`)).toBe(false)
      expect(descriptorsOf(file)).toBe(0)
    }).pipe(Effect.timeout("5 seconds"))
  )

  it.scopedLive.each([0o000, 0o022, 0o077, 0o777])("creates the file with its mode under umask %d", (umask) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const usual = process.umask(umask)
      yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(usual)))
      yield* makeLogFile(path.join(folder, "pf.log"), 0o640, noEvents)
      expect(fs.statSync(path.join(folder, "pf.log")).mode & 0o7777).toBe(0o640)
    })
  )

  it.scopedLive("leaves the mode and the content of a file that exists", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "pf.log")
      fs.writeFileSync(file, "older\n", { mode: 0o600 })
      const log = yield* makeLogFile(file, 0o640, noEvents)
      yield* log.write(bytes("newer\n"))
      expect(fs.statSync(file).mode & 0o7777).toBe(0o600)
      expect(textOf(file)).toBe("older\nnewer\n")
    })
  )

  it.scopedLive.each([
    ["whole line\ntor", "whole line\ntor\nnew\n"],
    ["whole line\n", "whole line\nnew\n"],
    ["", "new\n"],
    ["\n", "\nnew\n"]
  ] as const)("ends a torn last line, and nothing else: %j", ([before, after]) =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "pf.log")
      fs.writeFileSync(file, before)
      const log = yield* makeLogFile(file, 0o640, noEvents)
      yield* log.write(bytes("new\n"))
      expect(textOf(file)).toBe(after)
    })
  )
})
