import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, it } from "vitest"
import { ask } from "../../src/host/Program.ts"
import { temporaryFolder } from "../support/Daemon.ts"
import { until } from "../support/faults/Daemon.ts"

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
