import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Command from "@effect/platform/Command"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { startDirect, startPiped } from "../../src/capture/PipedProcess.ts"
import { isAlive } from "../support/Daemon.ts"
import { openFiles, temporaryFolder } from "../support/Descriptors.ts"
import { untilEffect } from "../support/Waiting.ts"

const start = (program: string, ...flags: ReadonlyArray<string>) => startPiped(Command.make(program, ...flags), program)

/** What an output gives, each piece as text: its bytes are good only until the next is asked for. */
const textsOf = <E>(output: Stream.Stream<Uint8Array, E>) =>
  Effect.map(Stream.runCollect(Stream.map(output, (bytes) => Buffer.from(bytes).toString("latin1"))), (texts) => [
    ...texts
  ])

/** The folders of pipes that are there. */
const pipeFolders = () => fs.readdirSync(os.tmpdir()).filter((name) => /^pfasciilogd-.{6}$/.test(name))

/** A folder for temporary files of our own, or one that doesn't exist. */
const withTemporaryFolder = (folder: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env["TMPDIR"]
      process.env["TMPDIR"] = folder
      return before
    }),
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env["TMPDIR"]
        else process.env["TMPDIR"] = before
      })
  )

describe("startPiped", () => {
  it.scopedLive("gives the command a pipe for its output, and leaves no trace of it in the file system", () =>
    Effect.gen(function* () {
      yield* withTemporaryFolder(yield* temporaryFolder)
      const { output } = yield* start("sh", "-c", "[ -p /dev/stdout ] && echo pipe; sleep 1000")
      expect(yield* textsOf(Stream.take(output, 1))).toEqual(["pipe\n"])
      expect(pipeFolders()).toEqual([])
    })
  )

  it.scopedLive("reads without a pipe where there is no folder for it", () =>
    Effect.gen(function* () {
      yield* withTemporaryFolder("/nonexistent")
      const { output } = yield* start("sh", "-c", "[ -p /dev/stdout ] || echo one; echo two")
      expect((yield* textsOf(output)).join("")).toBe("one\ntwo\n")
    })
  )

  it.scopedLive("makes its pipe below a folder whose name is odd", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* temporaryFolder, "tü\\n x")
      fs.mkdirSync(folder)
      yield* withTemporaryFolder(folder)
      const { output } = yield* start("sh", "-c", "[ -p /dev/stdout ] && echo pipe")
      expect(yield* textsOf(output)).toEqual(["pipe\n"])
      expect(fs.readdirSync(folder)).toEqual([])
    })
  )

  it.scopedLive("keeps all that a process has said on both outputs when it ended before anybody read", () =>
    Effect.gen(function* () {
      const { output, stderr, exited } = yield* start("sh", "-c", "echo out; echo err >&2; exit 3")
      expect(yield* exited).toEqual({ _tag: "Exited", status: 3 })
      yield* Effect.sleep("50 millis")
      expect(yield* textsOf(output)).toEqual(["out\n"])
      expect(yield* textsOf(stderr)).toEqual(["err\n"])
    })
  )

  it.scopedLive("ends with its scope where the process never takes its input", () =>
    Effect.gen(function* () {
      const input = Stream.concat(Stream.make(Buffer.alloc(1024 * 1024)), Stream.never)
      const command = Command.make("sleep", "1000").pipe(Command.stdin(input))
      const started = Effect.map(startPiped(command, "sleep"), ({ pid }) => pid).pipe(
        Effect.tap(() => Effect.sleep("100 millis"))
      )
      const pid = yield* Effect.scoped(started).pipe(Effect.timeout("5 seconds"))
      yield* untilEffect("the process is gone", () => !isAlive(pid))
    })
  )

  it.scopedLive("kills what is left of the process group with its scope", () =>
    Effect.gen(function* () {
      const pid = yield* Effect.scoped(
        Effect.map(start("sh", "-c", "trap '' TERM; sleep 1000; sleep 1000"), ({ pid }) => pid)
      )
      yield* untilEffect("the process is gone", () => !isAlive(pid))
    })
  )

  it.scopedLive("hands arguments on as they are, whatever they hold", () =>
    Effect.gen(function* () {
      const flags = ["$HOME", "a  b", "'; echo x", '"', "*", ""]
      const { output } = yield* start("/usr/bin/printf", "<%s>", ...flags)
      expect((yield* textsOf(output)).join("")).toBe(flags.map((flag) => `<${flag}>`).join(""))
    })
  )

  it.scopedLive("gives every byte once, in order, and then its end", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "lines")
      const lines = Array.from({ length: 400_000 }, (_, number) => `line ${number}\n`).join("")
      fs.writeFileSync(file, lines)
      const { output } = yield* start("cat", file)
      expect((yield* textsOf(output)).join("") === lines).toBe(true)
    })
  )

  it.scopedLive("hands lines that are written one by one on together", () =>
    Effect.gen(function* () {
      const writeLines = "for (let n = 0; n < 20000; n++) fs.writeSync(1, 'x'.repeat(150) + '\\n')"
      const { output } = yield* start(process.execPath, "-e", writeLines)
      const texts = yield* textsOf(output)
      expect(texts.join("")).toHaveLength(20_000 * 151)
      expect(texts.length).toBeLessThan(1000)
    })
  )

  it.scopedLive("gives a lone line while its writer lives on", () =>
    Effect.gen(function* () {
      const { output } = yield* start("sh", "-c", "echo one; sleep 1000")
      expect(yield* textsOf(Stream.take(output, 1)).pipe(Effect.timeout("5 seconds"))).toEqual(["one\n"])
    })
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
      // What a pipe holds, and what is gathered: far from unlimited.
      expect(written()).toBeLessThan(30)
    })
  )
})

describe("startDirect", () => {
  const direct = (script: string, wantsPipe: boolean, wiring = { inputs: [0, 4], stderr: 3 }) =>
    startDirect(Command.make("sh", "-c", script), "sh", wiring, wantsPipe)

  /** All that comes of an output. */
  const textOf = (readOutput: (take: (bytes: Uint8Array) => void) => Effect.Effect<void>) =>
    Effect.gen(function* () {
      const pieces: Array<Buffer> = []
      yield* readOutput((bytes) => void pieces.push(Buffer.from(bytes)))
      return Buffer.concat(pieces).toString("latin1")
    }).pipe(Effect.timeout("10 seconds"))

  it.scopedLive.each([true, false])(
    "wires several inputs and a stderr of the command's own (a pipe: %s)",
    (wantsPipe) =>
      Effect.gen(function* () {
        const script = `read -r first; echo "$first"; cat <&4; echo said >&3; echo lost >&2; [ -p /dev/stdout ] && echo pipe`
        const { inputs, readOutput, stderr } = yield* direct(script, wantsPipe)
        inputs[0]?.write(Buffer.from("one\n"))
        inputs[1]?.write(Buffer.from("two\n"))
        inputs[1]?.end()
        expect(yield* textOf(readOutput)).toBe(`one\ntwo\n${wantsPipe ? "pipe\n" : ""}`)
        expect(yield* textsOf(stderr)).toEqual(["said\n"])
      })
  )

  it.scopedLive.each([true, false])("gives every byte once, in order, and then the end (a pipe: %s)", (wantsPipe) =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "lines")
      const lines = Array.from({ length: 400_000 }, (_, number) => `line ${number}\n`).join("")
      fs.writeFileSync(file, lines)
      const { readOutput } = yield* direct(`cat '${file}'`, wantsPipe)
      expect((yield* textOf(readOutput)) === lines).toBe(true)
    })
  )

  it.scopedLive("keeps no descriptor, of a process that is read and of one that is not", () =>
    Effect.gen(function* () {
      const run = (isRead: boolean) =>
        Effect.scoped(
          Effect.flatMap(direct("read -r line", true), ({ inputs, readOutput }) => {
            inputs[0]?.end()
            return isRead ? readOutput(() => undefined) : Effect.void
          })
        )
      yield* run(true)
      const before = openFiles().length
      for (let time = 0; time < 10; time++) yield* run(time % 2 === 0)
      yield* untilEffect("they are closed", () => openFiles().length <= before)
    })
  )
})
