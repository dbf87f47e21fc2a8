import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, it } from "vitest"
import { ask } from "../../src/host/Program.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

const script = (body: string): string => {
  const file = path.join(temporaryFolder(), "program")
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

describe("ask", () => {
  it("tells a missing program at once, and leaves no timer that would keep us from our end", async () => {
    const before = timers()
    expect(await Effect.runPromise(ask("/no/such/program", []))).toEqual({ _tag: "Missing" })
    expect(timers()).toBe(before)
  })

  it("doesn't wait for what a program leaves behind with its pipes", async () => {
    const started = Date.now()
    const answer = await Effect.runPromise(ask(script("sleep 30 & exit 0"), []))
    expect(answer._tag).toBe("Unanswered")
    expect(Date.now() - started).toBeLessThan(15_000)
  }, 40_000)

  it("takes the answer of a program that has ended once the grace for its pipes is over", async () => {
    const started = Date.now()
    const held = script("echo text; echo trouble >&2; sleep 30 & exit 3")
    expect(await Effect.runPromise(ask(held, [], { pipeGrace: 100 }))).toEqual({
      _tag: "Ended",
      status: 3,
      stdout: "text\n",
      stderr: "trouble\n"
    })
    expect(Date.now() - started).toBeLessThan(5_000)
  })

  it("says why it has no answer: a program that takes too long, writes without end or is killed", async () => {
    const why = (body: string) => Effect.runPromise(ask(script(body), [], { patience: 2_000 }))
    expect(await why("sleep 30")).toEqual({ _tag: "Unanswered", why: "it took longer than 2000 ms" })
    expect(await why("kill -TERM $$")).toEqual({ _tag: "Unanswered", why: "it was killed by SIGTERM" })
    expect(await Effect.runPromise(ask("yes", []))).toMatchObject({
      why: expect.stringContaining("it wrote more than")
    })
  })

  it("gives a program its input, and an open file as descriptor 3", async () => {
    const file = path.join(temporaryFolder(), "file")
    const descriptor = fs.openSync(file, "w")
    const answer = await Effect.runPromise(ask(script("cat >&3"), [], { input: "text", descriptor }))
    fs.closeSync(descriptor)
    expect(answer).toMatchObject({ _tag: "Ended", status: 0 })
    expect(fs.readFileSync(file, "utf8")).toBe("text")
  })

  it("ends the program when nobody waits for its answer any more", async () => {
    const pidFile = path.join(temporaryFolder(), "pid")
    const fiber = Effect.runFork(ask(script(`echo $$ > ${pidFile}; exec sleep 30`), []))
    await until("the program runs", () => fs.existsSync(pidFile) && fs.readFileSync(pidFile, "utf8").endsWith("\n"))
    await Effect.runPromise(Fiber.interrupt(fiber))
    const pid = Number(fs.readFileSync(pidFile, "utf8"))
    await until(
      "it has ended",
      () => !fs.existsSync(`/proc/${pid}/cmdline`) || fs.readFileSync(`/proc/${pid}/cmdline`).length === 0
    )
  })
})
