import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { holdPidFile, refuseSecondInstance } from "../../src/host/PidFile.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

const own = `${process.pid}\n`
const textOf = (file: string) => fs.readFileSync(file, "utf8")
const newPidFile = Effect.map(temporaryFolder, (folder) => path.join(folder, "pf.pid"))

/** A process with this command line, ended with the scope. */
const processNamed = (name: string, ...words: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.async<ChildProcess>((resume) => {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", name, ...words], { stdio: "ignore" })
      child.on("spawn", () => resume(Effect.succeed(child)))
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe("holdPidFile", () => {
  it.scopedLive("writes our process number and a line end, readable by all whatever the umask, and nothing else", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      const usual = process.umask(0o077)
      yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(usual)))
      yield* holdPidFile(file)
      expect(textOf(file)).toBe(own)
      expect(fs.statSync(file).mode & 0o7777).toBe(0o644)
      expect(fs.readdirSync(path.dirname(file))).toEqual(["pf.pid"])
    })
  )

  it.scopedLive("removes the file with its scope", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      yield* Effect.scoped(holdPidFile(file))
      expect(fs.existsSync(file)).toBe(false)
    })
  )

  it.scopedLive("leaves a file that has become another's", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      yield* Effect.scoped(Effect.tap(holdPidFile(file), () => Effect.sync(() => fs.writeFileSync(file, "4194301\n"))))
      expect(textOf(file)).toBe("4194301\n")
    })
  )

  it.scopedLive.each([
    ["the number of a process that is gone", "4194301\n"],
    ["garbage", "not a number\n"],
    ["nothing", ""],
    ["a number beyond all", "99999999999999999999\n"],
    ["init's number", "1\n"],
    ["a negative number", "-1\n"],
    ["our own number", own],
    ["a path where a number was expected", "/bin/sh\n"]
  ] as const)("replaces a stale file that holds %s", ([, content]) =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      fs.writeFileSync(file, content)
      yield* holdPidFile(file)
      expect(textOf(file)).toBe(own)
    })
  )

  it.scopedLive("replaces a dangling link without following it", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      fs.symlinkSync(`${file}-target`, file)
      fs.symlinkSync(`${file}-target`, `${file}.${process.pid}`)
      yield* holdPidFile(file)
      expect(fs.existsSync(`${file}-target`)).toBe(false)
      expect(fs.lstatSync(file).isFile()).toBe(true)
    })
  )

  it.scopedLive.each([
    ["an editor with our configuration", "vi", "/usr/local/etc/pfasciilogd.toml"],
    ["somebody who follows our log", "tail", "/var/log/pfasciilogd", "run.log"],
    ["a program in a folder of our name", "/src/pfasciilogd/node_modules/vitest", "run"]
  ] as const)("takes no notice of a living process that only got the number: %s", ([, name, ...words]) =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      const { pid } = yield* processNamed(name, ...words)
      fs.writeFileSync(file, `${pid}\n`)
      yield* refuseSecondInstance(file)
      yield* holdPidFile(file)
      expect(textOf(file)).toBe(own)
    })
  )

  it.scopedLive.each([
    ["/usr/local/libexec/pfasciilogd.mjs", "run"],
    ["/usr/local/bin/pfasciilogd", "--log-level", "info", "run", "--interface", "pflog0"]
  ] as const)("refuses where a living instance has the file: %s", ([name, ...words]) =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      const { pid } = yield* processNamed(name, ...words)
      fs.writeFileSync(file, `${pid}\n`)
      for (const attempt of [refuseSecondInstance(file), Effect.scoped(holdPidFile(file))]) {
        const error = yield* Effect.flip(attempt)
        expect(error.reason).toBe("running")
        expect(error.message).toContain(`process number ${pid}`)
      }
      expect(textOf(file)).toBe(`${pid}\n`)
      expect(fs.readdirSync(path.dirname(file))).toEqual(["pf.pid"])
    })
  )

  it.scopedLive("says what to do where its folder is missing", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "missing", "pf.pid")
      const error = yield* Effect.flip(holdPidFile(file))
      expect(error).toMatchObject({ reason: "unavailable", path: file })
      expect(error.message).toMatch(/its folder doesn't exist\..*--pid-file/)
    })
  )

  it.scopedLive("says what is wrong where a folder has its name", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      fs.mkdirSync(file)
      expect((yield* Effect.flip(holdPidFile(file))).message).toContain("it is a folder")
    })
  )
})
