import { execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { holdFile, lockPathOf } from "../../src/host/FileLock.ts"
import { temporaryFolder } from "../support/Descriptors.ts"
import { untilEffect } from "../support/Waiting.ts"

const newFile = Effect.map(temporaryFolder, (folder) => path.join(folder, "pf.log"))
const textOf = (file: string) => fs.readFileSync(file, "utf8")

describe("holdFile", () => {
  it.scopedLive("locks a file beside the one that is held, for its owner alone, with our process number in it", () =>
    Effect.gen(function* () {
      const file = yield* newFile
      expect(yield* holdFile(file)).toEqual({ _tag: "Held" })
      expect(lockPathOf(file)).toBe(path.join(path.dirname(file), ".pf.log.lock"))
      expect(textOf(lockPathOf(file))).toBe(`${process.pid}\n`)
      expect(fs.statSync(lockPathOf(file)).mode & 0o7777).toBe(0o600)
      expect(() => execFileSync("flock", ["-n", lockPathOf(file), "true"])).toThrow()
    })
  )

  it.scopedLive("gives it free with its scope, and leaves no name", () =>
    Effect.gen(function* () {
      const file = yield* newFile
      yield* Effect.scoped(holdFile(file))
      expect(fs.readdirSync(path.dirname(file))).toEqual([])
      expect(yield* holdFile(file)).toEqual({ _tag: "Held" })
    })
  )

  it.scopedLive("tells who holds it, until that process is killed", () =>
    Effect.gen(function* () {
      const file = yield* newFile
      const lock = lockPathOf(file)
      const holder = spawn("sh", ["-c", 'exec 9>>"$0"; flock 9; echo $$ >"$0"; exec sleep 1000', lock])
      yield* Effect.addFinalizer(() => Effect.sync(() => holder.kill("SIGKILL")))
      yield* untilEffect("it is held", () => fs.existsSync(lock) && textOf(lock) === `${holder.pid}\n`)
      expect(yield* holdFile(file)).toEqual({ _tag: "Taken", pid: holder.pid })
      holder.kill("SIGKILL")
      yield* untilEffect("it has ended", () => holder.signalCode !== null)
      expect(yield* holdFile(file)).toEqual({ _tag: "Held" })
    })
  )

  it.scopedLive("is held by one at a time, however many try and give it free at once", () =>
    Effect.gen(function* () {
      const file = yield* newFile
      const seen = { held: 0, now: 0, most: 0 }
      const one = Effect.gen(function* () {
        const lock = yield* holdFile(file)
        if (lock._tag !== "Held") return
        seen.held += 1
        seen.now += 1
        seen.most = Math.max(seen.most, seen.now)
        yield* Effect.sleep("2 millis")
        seen.now -= 1
      })
      yield* Effect.all(
        Array.from({ length: 150 }, () => Effect.scoped(one)),
        { concurrency: 12 }
      )
      expect(seen.most).toBe(1)
      expect(seen.held).toBeGreaterThan(1)
    })
  )

  it.scopedLive.each([
    ["a link", (lock: string) => fs.symlinkSync("target", lock)],
    ["a FIFO", (lock: string) => execFileSync("mkfifo", [lock])],
    ["a folder", (lock: string) => fs.mkdirSync(lock)],
    [
      "a hard link",
      (lock: string) => {
        fs.writeFileSync(`${lock}.other`, "data\n")
        fs.linkSync(`${lock}.other`, lock)
      }
    ]
  ] as const)("tells that %s was put under the lock's name, and leaves it", ([, make]) =>
    Effect.gen(function* () {
      const file = yield* newFile
      const lock = lockPathOf(file)
      make(lock)
      const before = fs.readdirSync(path.dirname(file))
      expect(yield* Effect.scoped(holdFile(file))).toEqual({ _tag: "Planted", path: lock })
      expect(fs.readdirSync(path.dirname(file))).toEqual(before)
      if (fs.existsSync(`${lock}.other`)) expect(textOf(`${lock}.other`)).toBe("data\n")
    })
  )

  it.scopedLive("locks a file with somebody's data, too, and leaves the data and the name", () =>
    Effect.gen(function* () {
      const file = yield* newFile
      fs.writeFileSync(lockPathOf(file), "somebody's data\n")
      expect(yield* Effect.scoped(holdFile(file))).toEqual({ _tag: "Held" })
      expect(textOf(lockPathOf(file))).toBe("somebody's data\n")
    })
  )

  it.scopedLive("tells why nothing can be held where the folder is missing", () =>
    Effect.gen(function* () {
      const lock = yield* holdFile(path.join(yield* temporaryFolder, "missing", "pf.log"))
      expect(lock).toEqual({ _tag: "Unavailable", why: "it doesn't exist" })
    })
  )
})
