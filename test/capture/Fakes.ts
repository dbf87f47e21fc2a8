import * as fs from "node:fs"
import * as path from "node:path"
import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The real starter of processes. */
export const executor = NodeCommandExecutor.layer.pipe(Layer.provide(NodeFileSystem.layer))

/** Writes a program that stands in for tcpdump: a small shell script. */
export const fakeProgram = (folder: string, body: string): string => {
  const file = path.join(folder, "fake-tcpdump")
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

/** Whether a process lives; a zombie that nobody has waited for doesn't. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Waits for a condition, for ten seconds at most. */
export const until = (what: string, condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() =>
    condition() ? Effect.void : Effect.sleep("10 millis").pipe(Effect.zipRight(until(what, condition)))
  ).pipe(
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => new Error(`waited 10 s in vain until ${what}`) }),
    Effect.orDie
  )
