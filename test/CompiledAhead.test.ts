import { spawnSync } from "node:child_process"
import * as crypto from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Script } from "node:vm"
import * as fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { compiledAhead, compiledFile, fileOf, keepCompiled, programIn } from "../src/CompiledAhead.ts"

const built = path.resolve("dist/pfasciilogd.mjs")

let folder = ""
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-test-"))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** A file's bytes with a bit in its middle turned over. */
const damaged = (file: string): Buffer => {
  const bytes = fs.readFileSync(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  return bytes
}

describe("fileOf", () => {
  it("refuses a program that would not stay in its comment", () => {
    for (const lineEnd of ["\r", "\u2028", "\u2029"]) expect(() => fileOf("head()", `a${lineEnd}b`)).toThrow("line end")
  })

  it("keeps every program as it is, behind lines that Node passes over", () => {
    const piece = fc.constantFrom("\n", "//", "/", "`", "a", " ", "*/", "\\")
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const program = `start${pieces.join("")}end`
        const file = fileOf("head()\n", program)
        expect(programIn(file)).toBe(`(function (require) {${program}\n})`)
        expect(file.split("\n").filter((line) => line !== "" && !line.startsWith("//"))).toEqual(["head()"])
      })
    )
  })
})

describe("compiledAhead", () => {
  const program = () => path.join(folder, "program")
  const kept = () => {
    fs.writeFileSync(program(), "the program")
    keep("compiled")
  }
  const keep = (compiled: string) =>
    keepCompiled(fs, crypto, program(), fs.readFileSync(program()), Buffer.from(compiled))
  const found = () => compiledAhead(fs, crypto, program(), fs.readFileSync(program()))?.toString()

  it("gives what was kept", () => {
    kept()
    expect(found()).toBe("compiled")
    expect(fs.readdirSync(folder).sort()).toEqual(["program", "program.compiled"])
  })

  it("gives the latest of what was kept", () => {
    kept()
    keep("anew")
    expect(found()).toBe("anew")
  })

  it.each([
    ["is none", () => fs.rmSync(compiledFile(program()))],
    [
      "is a folder",
      () => {
        fs.rmSync(compiledFile(program()))
        fs.mkdirSync(compiledFile(program()))
      }
    ],
    ["is too short", () => fs.truncateSync(compiledFile(program()), 10)],
    ["was made of another program of the same length", () => fs.writeFileSync(program(), "The program")],
    ["has one damaged byte", () => fs.writeFileSync(compiledFile(program()), damaged(compiledFile(program())))],
    [
      "is a named pipe",
      () => {
        fs.rmSync(compiledFile(program()))
        spawnSync("mkfifo", ["-m", "600", compiledFile(program())])
      }
    ],
    ["may be written by others", () => fs.chmodSync(compiledFile(program()), 0o646)],
    ["may be written by its group", () => fs.chmodSync(compiledFile(program()), 0o664)],
    [
      "is a symbolic link",
      () => {
        fs.renameSync(compiledFile(program()), `${program()}.x`)
        fs.symlinkSync(`${program()}.x`, compiledFile(program()))
      }
    ]
  ])("gives nothing where there %s", (_, change) => {
    kept()
    change()
    expect(found()).toBeUndefined()
  })

  it.runIf(process.getuid?.() === 0)(
    "gives nothing where somebody else than the program's owner has put it there",
    () => {
      kept()
      fs.chownSync(compiledFile(program()), 65534, 65534)
      expect(found()).toBeUndefined()
    }
  )
})

describe("the built program", () => {
  const copy = (): string => {
    const file = path.join(folder, "pfasciilogd")
    fs.copyFileSync(built, file)
    return file
  }
  const version = (file: string) => spawnSync(process.execPath, [file, "--version"], { encoding: "utf8" })

  it("comes with compiled code that V8 takes", () => {
    const cachedData = compiledAhead(fs, crypto, built, fs.readFileSync(built))
    expect(cachedData?.length).toBeGreaterThan(500_000)
    const script = new Script(programIn(fs.readFileSync(built, "latin1")), { ...(cachedData && { cachedData }) })
    expect(script.cachedDataRejected).toBe(false)
  })

  it("runs alone, also under a name without a suffix and through a symbolic link", () => {
    const link = path.join(folder, "link")
    fs.symlinkSync(copy(), link)
    expect(version(link)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" })
  })

  it("runs beside compiled code that is damaged", () => {
    const file = copy()
    fs.copyFileSync(compiledFile(built), compiledFile(file))
    expect(version(file)).toMatchObject({ status: 0, stderr: "" })
    const whole = fs.readFileSync(compiledFile(file))
    for (const page of [1, 50, 100, 200]) {
      fs.writeFileSync(compiledFile(file), Buffer.from(whole).fill(0, page * 4096, (page + 1) * 4096))
      expect(version(file)).toMatchObject({ status: 0, stderr: "" })
    }
  })

  const compileAhead = (file: string, environment: NodeJS.ProcessEnv = {}) =>
    spawnSync("scripts/compile-ahead", [process.execPath, file], {
      encoding: "utf8",
      env: { ...process.env, ...environment }
    })

  it("keeps what it compiles to when asked, whatever is configured on the host", () => {
    const file = copy()
    const ended = compileAhead(file, { PFASCIILOGD_DECODER: "packet", PFASCIILOGD_CONFIG: "/nonexistent" })
    expect(ended).toMatchObject({ status: 0, stdout: "", stderr: "" })
    expect(compiledAhead(fs, crypto, file, fs.readFileSync(file))?.length).toBeGreaterThan(500_000)
    expect(version(file)).toMatchObject({ status: 0, stderr: "" })
  })

  it("keeps nothing of a run that fails, and says so", () => {
    const file = copy()
    fs.appendFileSync(file, "//process.exit(3)\n")
    const ended = compileAhead(file)
    expect(ended.status).toBe(1)
    expect(ended.stderr).toContain("nothing was compiled")
    expect(fs.readdirSync(folder)).toEqual(["pfasciilogd"])
  })
})
