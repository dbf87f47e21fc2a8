import * as fs from "node:fs"
import * as path from "node:path"
import * as Command from "@effect/platform/Command"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { runCapture } from "../../src/capture/Capture.ts"
import { DecodeProblem } from "../../src/decode/Decoder.ts"
import { fakeTcpdump, isAlive } from "../support/Daemon.ts"
import { descriptorsOf, openFiles, temporaryFolder } from "../support/Descriptors.ts"
import { killPidIn, pidIn } from "../support/Pids.ts"
import { untilEffect } from "../support/Waiting.ts"

/** A capture by a shell script: what came of it, and the means to end it. */
const captureBy = (
  folder: string,
  body: string,
  onBytes: (text: string) => Effect.Effect<void, DecodeProblem> = () => Effect.void
) =>
  Effect.gen(function* () {
    const stop = yield* Deferred.make<void>()
    const seen = { text: "", words: [] as string[], ended: 0, pid: 0 }
    const run = runCapture(Command.make(fakeTcpdump(folder, body)), "fake", stop, Duration.millis(500), (pid) =>
      Effect.sync(() => {
        seen.pid = pid
        return {
          onBytes: (bytes) => {
            const text = Buffer.from(bytes).toString("latin1")
            seen.text += text
            return onBytes(text)
          },
          onWords: (lines) => Effect.sync(() => void seen.words.push(...lines)),
          onEnd: Effect.sync(() => {
            seen.ended += 1
          })
        }
      })
    )
    return { run, seen, stop: Deferred.succeed(stop, undefined) }
  })

describe("runCapture, reading", () => {
  it.scopedLive("reads all, tells the exit status, and ends once", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* captureBy(yield* temporaryFolder, "seq 1 200000; exit 3")
      const end = yield* run
      expect(end.status).toEqual({ _tag: "Exited", status: 3 })
      expect(seen.text === `${Array.from({ length: 200_000 }, (_, index) => index + 1).join("\n")}\n`).toBe(true)
      expect(seen.ended).toBe(1)
    })
  )

  it.scopedLive("keeps output without a final newline", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* captureBy(yield* temporaryFolder, "printf 'one\\ntwo'")
      expect((yield* run).status).toEqual({ _tag: "Exited", status: 0 })
      expect(seen.text).toBe("one\ntwo")
      expect(seen.ended).toBe(1)
    })
  )

  it.scopedLive("tells death by a signal, with its name", () =>
    Effect.gen(function* () {
      const { run } = yield* captureBy(yield* temporaryFolder, "kill -SEGV $$")
      expect((yield* run).status).toEqual({ _tag: "Killed", signal: "SIGSEGV" })
    })
  )

  it.scopedLive("keeps the last three lines of stderr, the last one also without its end", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* captureBy(yield* temporaryFolder, "printf 'a\\nb\\nc\\nd\\ne' >&2; exit 1")
      expect((yield* run).lastWords).toEqual(["c", "d", "e"])
      expect(seen.words).toEqual(["a", "b", "c", "d", "e"])
    })
  )

  it.scopedLive("isn't blocked by megabytes on stderr, nor by a line there without an end", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* captureBy(
        yield* temporaryFolder,
        "yes words | head -c 3000000 >&2; head -c 3000000 /dev/zero | tr '\\0' x >&2; echo done"
      )
      const end = yield* run
      expect(seen.text).toBe("done\n")
      expect(seen.words.filter((line) => line === "words")).toHaveLength(500_000)
      expect(Math.max(...end.lastWords.map((line) => line.length))).toBeLessThanOrEqual(4096)
    })
  )

  it.scopedLive("holds the process back while its bytes are being handled", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const gate = yield* Deferred.make<void>()
      const { run, seen } = yield* captureBy(folder, `head -c 8000000 /dev/zero; echo >${folder}/written`, () =>
        Deferred.await(gate)
      )
      const running = yield* Effect.fork(run)
      yield* untilEffect("the first bytes are there", () => seen.text !== "")
      yield* Effect.sleep("300 millis")
      expect(fs.existsSync(path.join(folder, "written"))).toBe(false)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(running)
      expect(seen.text).toHaveLength(8_000_000)
    })
  )

  it.scopedLive("tells a failure of our own, and ends the process", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* captureBy(yield* temporaryFolder, "echo x; exec sleep 1000", () => {
        throw new Error("out of order")
      })
      const end = yield* run
      expect(end.problem).toMatchObject({ reason: "internal" })
      expect(end.problem?.message).toContain("out of order")
      expect(isAlive(seen.pid)).toBe(false)
    })
  )

  it.scopedLive("comes to an end after bytes that make no sense, also where a stranger holds stderr", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "grandchild")
      const problem = new DecodeProblem({ reason: "not-pcap", offset: 0, message: "this is no capture" })
      const { run } = yield* captureBy(
        folder,
        `setsid sh -c 'echo $$ >${file}; exec sleep 1000' >/dev/null & while [ ! -s ${file} ]; do sleep 0.01; done; echo x; sleep 1`,
        () => problem
      )
      yield* Effect.addFinalizer(() => Effect.sync(() => killPidIn(file)))
      const end = yield* run.pipe(Effect.timeout("8 seconds"))
      expect(end.problem).toBe(problem)
    })
  )

  it.scopedLive("ends a process whose bytes make no sense, and tells the problem", () =>
    Effect.gen(function* () {
      const problem = new DecodeProblem({ reason: "not-pcap", offset: 0, message: "this is no capture" })
      const { run, seen } = yield* captureBy(yield* temporaryFolder, "echo x; exec sleep 1000", () => problem)
      const end = yield* run
      expect(end.problem).toBe(problem)
      expect(end.status).toEqual({ _tag: "Killed", signal: "SIGTERM" })
      expect(isAlive(seen.pid)).toBe(false)
    })
  )
})

describe("runCapture, stopping", () => {
  it.scopedLive("reads what the process writes after TERM, to its end", () =>
    Effect.gen(function* () {
      const { run, seen, stop } = yield* captureBy(
        yield* temporaryFolder,
        `trap 'seq 1 100000; echo last words >&2; exit 0' TERM; echo begin; while :; do sleep 0.05; done`
      )
      const running = yield* Effect.fork(run)
      yield* untilEffect("it runs", () => seen.text !== "")
      yield* stop
      const end = yield* Fiber.join(running)
      expect(end.status).toEqual({ _tag: "Exited", status: 0 })
      expect(seen.text.endsWith("\n99999\n100000\n")).toBe(true)
      expect(end.lastWords).toContain("last words")
    })
  )

  it.scopedLive("kills a process that ignores TERM after the grace, with all that it has started", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { run, seen, stop } = yield* captureBy(
        folder,
        `trap '' TERM; sleep 1000 & echo $! >${folder}/grandchild; echo begin; while :; do sleep 0.05; done`
      )
      const running = yield* Effect.fork(run)
      yield* untilEffect("it runs", () => seen.text !== "")
      const [took] = yield* Effect.timed(Effect.zipRight(stop, Fiber.join(running)))
      expect(Duration.toMillis(took)).toBeGreaterThan(450)
      expect(Duration.toMillis(took)).toBeLessThan(3000)
      expect((yield* Fiber.join(running)).status).toEqual({ _tag: "Killed", signal: "SIGKILL" })
      yield* untilEffect("the grandchild is gone", () => !isAlive(pidIn(path.join(folder, "grandchild"))))
    })
  )

  it.scopedLive.each([
    ["is silent", "TELL; exec sleep 1000"],
    ["ignores TERM", `trap "" TERM; TELL; sleep 1000; sleep 1000`],
    ["writes on and on, ignoring TERM", `trap "" TERM; TELL; while :; do echo more; sleep 0.05; done`]
  ] as const)("ends a grandchild that holds the pipe of a process that is gone: one that %s", ([, script]) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "grandchild")
      const grandchild = script.replace("TELL", `echo $$ >${file}`)
      const { run, seen } = yield* captureBy(
        folder,
        `sh -c '${grandchild}' & while [ ! -s ${file} ]; do sleep 0.01; done; echo line; exit 2`
      )
      const [took, end] = yield* Effect.timed(run)
      expect(end.status).toEqual({ _tag: "Exited", status: 2 })
      expect(seen.text).toContain("line\n")
      expect(Duration.toMillis(took)).toBeLessThan(4000)
      yield* untilEffect("the grandchild is gone", () => !isAlive(pidIn(file)))
    })
  )

  it.scopedLive("gives up a grandchild that has left the process group and holds the pipe", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { run, seen } = yield* captureBy(
        folder,
        `setsid sh -c 'echo $$ >${folder}/grandchild; exec sleep 1000' & while [ ! -s ${folder}/grandchild ]; do sleep 0.01; done; echo line`
      )
      yield* Effect.addFinalizer(() => Effect.sync(() => killPidIn(path.join(folder, "grandchild"))))
      const [took, end] = yield* Effect.timed(run)
      expect(end.status).toEqual({ _tag: "Exited", status: 0 })
      expect(seen.text).toBe("line\n")
      expect(Duration.toMillis(took)).toBeLessThan(5000)
    })
  )

  it.scopedLive("kills a grandchild that holds no pipe and ignores TERM, once its grace is over", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "grandchild")
      const { run } = yield* captureBy(
        folder,
        `(trap '' TERM; echo $$ >/dev/null; exec sh -c 'echo $$ >${file}; exec sleep 1000') >/dev/null 2>&1 </dev/null &
while [ ! -s ${file} ]; do sleep 0.01; done; exit 1`
      )
      expect((yield* run).status).toEqual({ _tag: "Exited", status: 1 })
      yield* untilEffect("the grandchild is gone", () => !isAlive(pidIn(file)))
    })
  )

  it.scopedLive("ends a process that has closed stdout but lives on", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* captureBy(yield* temporaryFolder, "echo line; exec >&-; exec sleep 1000")
      const [took, end] = yield* Effect.timed(run)
      expect(end.status).toEqual({ _tag: "Killed", signal: "SIGTERM" })
      expect(seen.text).toBe("line\n")
      expect(Duration.toMillis(took)).toBeLessThan(4000)
      expect(isAlive(seen.pid)).toBe(false)
    })
  )

  it.scopedLive("leaves no process when it is interrupted, even one that ignores TERM", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* captureBy(
        yield* temporaryFolder,
        `trap '' TERM; echo begin; while :; do sleep 0.05; done`
      )
      const running = yield* Effect.fork(run)
      yield* untilEffect("it runs", () => seen.text !== "")
      yield* Fiber.interrupt(running).pipe(Effect.timeout("5 seconds"))
      yield* untilEffect("the process is gone", () => !isAlive(seen.pid))
    })
  )

  it.scopedLive("leaks no descriptor over 100 runs", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { run } = yield* captureBy(folder, "echo line")
      yield* run
      const before = openFiles().length
      yield* Effect.repeatN(Effect.asVoid(run), 99)
      expect(openFiles().length).toBeLessThanOrEqual(before + 2)
      expect(descriptorsOf(folder)).toBe(0)
    })
  )
})

describe("runCapture, starting", () => {
  const start = (program: string) =>
    Effect.gen(function* () {
      const stop = yield* Deferred.make<void>()
      const started = () => Effect.dieMessage("it has started")
      return yield* Effect.flip(runCapture(Command.make(program), program, stop, Duration.seconds(1), started))
    })

  it.scopedLive("says how to get a program that is missing", () =>
    Effect.gen(function* () {
      const error = yield* start("/nonexistent/tcpdump")
      expect(error).toMatchObject({ _tag: "TcpdumpError", reason: "missing" })
      expect(error.message).toMatch(/^can't start \/nonexistent\/tcpdump: there is no such program\. Install it /)
    })
  )

  it.scopedLive("says that a file that can't be executed must be executable", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "tcpdump")
      fs.writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 })
      expect(yield* start(file)).toMatchObject({ reason: "permission" })
    })
  )
})
