import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { claimPidFile, refuseSecondInstance, holdPidFile as writePidFile } from "../../src/host/PidFile.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

const nobody = 65534
const own = `${process.pid}\n`
const textOf = (file: string) => fs.readFileSync(file, "utf8")
const newPidFile = Effect.map(temporaryFolder, (folder) => path.join(folder, "pf.pid"))

const holdPidFile = (file: string) => Effect.zipRight(claimPidFile(file), writePidFile(file))

/** A process with this command line, ended with the scope; one of another user's where its last word says so. */
const processNamed = (name: string, ...words: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.async<ChildProcess>((resume) => {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", name, ...words], {
        stdio: "ignore",
        ...(words.at(-1) === "as nobody" ? { uid: nobody, gid: nobody } : {})
      })
      child.on("spawn", () => resume(Effect.succeed(child)))
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe("holdPidFile", () => {
  it.scopedLive(
    "writes our process number and a line end, readable by all whatever the umask, and a lock beside it",
    () =>
      Effect.gen(function* () {
        const file = yield* newPidFile
        const usual = process.umask(0o077)
        yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(usual)))
        yield* holdPidFile(file)
        expect(textOf(file)).toBe(own)
        expect(fs.statSync(file).mode & 0o7777).toBe(0o644)
        expect(fs.readdirSync(path.dirname(file))).toEqual([".pf.pid.lock", "pf.pid"])
      })
  )

  it.scopedLive("removes the file and its lock with its scope", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      yield* Effect.scoped(holdPidFile(file))
      expect(fs.readdirSync(path.dirname(file))).toEqual([])
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
    ["nothing", ""],
    ["the zeros of a crashed host", "\0".repeat(6)],
    ["init's number", "1\n"],
    ["a number without a line end", "4194301"],
    ["our own number", own]
  ] as const)("replaces a stale file that holds %s", ([, content]) =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      fs.writeFileSync(file, content)
      yield* holdPidFile(file)
      expect(textOf(file)).toBe(own)
    })
  )

  it.scopedLive.each([
    ["garbage", "not a number\n"],
    ["a number beyond all", "99999999999999999999\n"],
    ["a negative number", "-1\n"],
    ["a path", "/bin/sh\n"],
    ["two numbers", "12\n13\n"],
    ["a number and much behind it", `12${" ".repeat(100)}`],
    ["a log", "2026-11-25T22:00:00.000000+00:00 rule 1\n".repeat(1000)]
  ] as const)("leaves a file as it is that has never been a pid file: %s", ([, content]) =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      fs.writeFileSync(file, content)
      const error = yield* Effect.flip(Effect.scoped(holdPidFile(file)))
      expect(error).toMatchObject({ reason: "foreign", path: file })
      expect(error.message).toContain("--pid-file")
      expect(textOf(file)).toBe(content)
    })
  )

  it.scopedLive.each([
    ["a link", (file: string) => fs.symlinkSync("target", file)],
    [
      "a link to a stale pid file",
      (file: string) => {
        fs.writeFileSync(`${file}.real`, "4194301\n")
        fs.symlinkSync(`${file}.real`, file)
      }
    ],
    [
      "a file with a second name",
      (file: string) => {
        fs.writeFileSync(`${file}.real`, "4194301\n")
        fs.linkSync(`${file}.real`, file)
      }
    ],
    ["a FIFO", (file: string) => execFileSync("mkfifo", [file])],
    ["a folder", (file: string) => fs.mkdirSync(file)]
  ] as const)("neither follows nor replaces %s in its place, and doesn't wait for it", ([, make]) =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      make(file)
      const before = fs.lstatSync(file)
      const error = yield* Effect.flip(Effect.scoped(holdPidFile(file)))
      expect(error.reason).toBe("foreign")
      expect(fs.lstatSync(file).ino).toBe(before.ino)
      expect(fs.existsSync(path.join(path.dirname(file), "target"))).toBe(false)
      if (fs.existsSync(`${file}.real`)) expect(textOf(`${file}.real`)).toBe("4194301\n")
    })
  )

  it.scopedLive("takes no notice of an instance that has started after the file was written", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      const { pid } = yield* processNamed("/usr/local/bin/pfasciilogd", "run")
      fs.writeFileSync(file, `${pid}\n`)
      yield* Effect.flip(refuseSecondInstance(file))
      const longAgo = Date.now() / 1000 - 3600
      fs.utimesSync(file, longAgo, longAgo)
      yield* refuseSecondInstance(file)
    })
  )

  it.scopedLive.runIf(process.getuid?.() === 0)(
    "takes no notice of a process of another user's, whatever its name",
    () =>
      Effect.gen(function* () {
        const file = yield* newPidFile
        const { pid } = yield* processNamed("/usr/local/bin/pfasciilogd", "run", "as nobody")
        fs.writeFileSync(file, `${pid}\n`)
        yield* refuseSecondInstance(file)
        yield* holdPidFile(file)
        expect(textOf(file)).toBe(own)
      })
  )

  it.scopedLive.runIf(process.getuid?.() === 0)(
    "replaces a stale file that another user may write to by one of our own",
    () =>
      Effect.gen(function* () {
        const file = yield* newPidFile
        fs.writeFileSync(file, "4194301\n")
        fs.chownSync(file, nobody, nobody)
        const others = fs.openSync(file, "r+")
        yield* holdPidFile(file)
        fs.writeSync(others, "1\n", 0)
        fs.closeSync(others)
        expect(textOf(file)).toBe(own)
        expect(fs.statSync(file).uid).toBe(0)
      })
  )

  it.scopedLive.runIf(process.getuid?.() === 0)("refuses a folder that others can change, and says what to do", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      const folder = path.dirname(file)
      for (const [mode, owner] of [
        [0o755, nobody],
        [0o777, 0]
      ] as const) {
        fs.chmodSync(folder, mode)
        fs.chownSync(folder, owner, 0)
        const error = yield* Effect.flip(Effect.scoped(holdPidFile(file)))
        expect(error.reason).toBe("unsafe")
        expect(error.message).toContain(folder)
        expect(fs.readdirSync(folder)).toEqual([])
      }
    })
  )

  it.scopedLive("removes no name in a folder that a group can change: the file is emptied, and taken again", () =>
    Effect.gen(function* () {
      const file = yield* newPidFile
      fs.chmodSync(path.dirname(file), 0o775)
      const before = process.getuid?.() === 0 ? "group" : "own"
      yield* Effect.scoped(Effect.tap(holdPidFile(file), () => Effect.sync(() => expect(textOf(file)).toBe(own))))
      if (before === "group") expect(textOf(file)).toBe("")
      yield* holdPidFile(file)
      expect(textOf(file)).toBe(own)
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
