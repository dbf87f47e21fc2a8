import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { closeDescriptor, createFile, replaceFile } from "../../src/host/NewFile.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

const nobody = 65534
const textOf = (file: string) => fs.readFileSync(file, "utf8")

/** A folder of another user's, as node_exporter's, beside a file of root's that nobody else may change. */
const foreignFolder = Effect.map(temporaryFolder, (outer) => {
  fs.chmodSync(outer, 0o755)
  const folder = path.join(outer, "metrics")
  fs.mkdirSync(folder)
  fs.chownSync(folder, nobody, nobody)
  const victim = path.join(outer, "victim")
  fs.writeFileSync(victim, "root's\n", { mode: 0o600 })
  return { outer, folder, victim, file: path.join(folder, "pf.prom") }
})

describe("createFile", () => {
  it.scopedLive.each([
    ["a file", (file: string) => fs.writeFileSync(file, "")],
    ["a folder", (file: string) => fs.mkdirSync(file)],
    ["a link", (file: string) => fs.symlinkSync("target", file)],
    ["a FIFO", (file: string) => execFileSync("mkfifo", [file])]
  ] as const)("fails where %s has the name, and neither follows nor waits", ([, make]) =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "file")
      make(file)
      const error = yield* Effect.flip(createFile(file, 0o600))
      expect(error.code).toBe("EEXIST")
      expect(fs.existsSync(path.join(path.dirname(file), "target"))).toBe(false)
    })
  )

  it.scopedLive("gives the file exactly its permissions, whatever the umask", () =>
    Effect.gen(function* () {
      const usual = process.umask(0o077)
      yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(usual)))
      const file = path.join(yield* temporaryFolder, "file")
      yield* closeDescriptor(yield* createFile(file, 0o644))
      expect(fs.statSync(file).mode & 0o7777).toBe(0o644)
    })
  )
})

describe("replaceFile", () => {
  it.scopedLive("replaces a file, a link without following it, and a FIFO without waiting for its reader", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "pf.prom")
      fs.symlinkSync("target", file)
      yield* replaceFile(file, "one\n", 0o644, "")
      yield* replaceFile(file, "two\n", 0o644, "")
      fs.rmSync(file)
      execFileSync("mkfifo", [file])
      yield* replaceFile(file, "three\n", 0o644, "")
      expect(textOf(file)).toBe("three\n")
      expect(fs.statSync(file).mode & 0o7777).toBe(0o644)
      expect(fs.readdirSync(folder)).toEqual(["pf.prom"])
    })
  )

  it.scopedLive.each([0, 65534])(
    "leaves a file that begins otherwise than ours, in the folder of user %d, too",
    (owner) =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        if (process.getuid?.() === 0) fs.chownSync(folder, owner, owner)
        const file = path.join(folder, "pf.prom")
        yield* replaceFile(file, "# ours 1\n", 0o644, "# ours")
        yield* replaceFile(file, "# ours 2\n", 0o644, "# ours")
        expect(textOf(file)).toBe("# ours 2\n")
        fs.writeFileSync(file, "somebody's data\n")
        const error = yield* Effect.flip(replaceFile(file, "# ours 3\n", 0o644, "# ours"))
        expect(error.message).toContain("holds something else, and is left as it is")
        expect(textOf(file)).toBe("somebody's data\n")
        expect(fs.readdirSync(folder)).toEqual(["pf.prom"])
      })
  )

  it.scopedLive("leaves nothing beside a folder that has the name", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      fs.mkdirSync(path.join(folder, "pf.prom", "inner"), { recursive: true })
      const error = yield* Effect.flip(replaceFile(path.join(folder, "pf.prom"), "one\n", 0o644, ""))
      expect(error.reason).toBe("unavailable")
      expect(fs.readdirSync(folder)).toEqual(["pf.prom"])
    })
  )
})

describe.runIf(process.getuid?.() === 0)("replaceFile, as root in a folder of another user's", () => {
  it.scopedLive("writes as that user, with the permissions asked for", () =>
    Effect.gen(function* () {
      const { folder, file } = yield* foreignFolder
      const content = "a line\n".repeat(100_000)
      yield* replaceFile(file, "first\n", 0o644, "")
      yield* replaceFile(file, content, 0o640, "")
      expect(textOf(file)).toBe(content)
      expect(fs.statSync(file)).toMatchObject({ uid: nobody, mode: fs.constants.S_IFREG | 0o640 })
      expect(fs.readdirSync(folder)).toEqual(["pf.prom"])
    })
  )

  it.scopedLive("changes nothing of root's where the folder becomes a link to a folder of root's", () =>
    Effect.gen(function* () {
      const { outer, folder } = yield* foreignFolder
      const roots = path.join(outer, "etc")
      fs.mkdirSync(roots, { mode: 0o755 })
      fs.writeFileSync(path.join(roots, "pf.prom"), "root's\n")
      const inner = path.join(folder, "inner")
      fs.symlinkSync(roots, inner)
      const error = yield* Effect.flip(replaceFile(path.join(inner, "pf.prom"), "ours\n", 0o644, ""))
      expect(error.reason).toBe("unsafe")
      fs.lchownSync(inner, nobody, nobody)
      yield* Effect.flip(replaceFile(path.join(inner, "pf.prom"), "ours\n", 0o644, ""))
      expect(fs.readdirSync(roots)).toEqual(["pf.prom"])
      expect(textOf(path.join(roots, "pf.prom"))).toBe("root's\n")
    })
  )

  it.scopedLive("never moves the file into a folder that has its name", () =>
    Effect.gen(function* () {
      const { folder, file } = yield* foreignFolder
      fs.mkdirSync(file)
      const error = yield* Effect.flip(replaceFile(file, "ours\n", 0o644, ""))
      expect(error.message).toContain("is a folder")
      expect(fs.readdirSync(folder)).toEqual(["pf.prom"])
      expect(fs.readdirSync(file)).toEqual([])
    })
  )

  it.scopedLive("refuses a folder of ours that others can write to, and says what to do", () =>
    Effect.gen(function* () {
      const folder = path.join(yield* temporaryFolder, "shared")
      fs.mkdirSync(folder)
      fs.chmodSync(folder, 0o777)
      const error = yield* Effect.flip(replaceFile(path.join(folder, "pf.prom"), "ours\n", 0o644, ""))
      expect(error.reason).toBe("unsafe")
      expect(error.message).toContain(`chmod go-w ${folder}`)
      expect(fs.readdirSync(folder)).toEqual([])
    })
  )
})
