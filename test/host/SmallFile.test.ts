import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readSmallFile, readStart } from "../../src/host/SmallFile.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

const fileIn = (name: string) => Effect.map(temporaryFolder, (folder) => path.join(folder, name))

describe("readSmallFile", () => {
  it.scopedLive("reads a file whole, one larger than a chunk too", () =>
    Effect.gen(function* () {
      const file = yield* fileIn("file")
      const content = "a line\n".repeat(50_000)
      fs.writeFileSync(file, content)
      expect(String(yield* readSmallFile(file))).toBe(content)
    })
  )

  it.effect("reads a file of /proc, which has no size", () =>
    Effect.gen(function* () {
      expect(String(yield* readSmallFile("/proc/self/status"))).toContain("VmRSS")
    })
  )

  it.effect.each([
    ["a missing file", "/no/such/file", "missing"],
    ["a folder", "/", "unsuitable"],
    ["a device without end", "/dev/zero", "unsuitable"]
  ] as const)("refuses %s", ([, file, reason]) =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(readSmallFile(file))).reason).toBe(reason)
    })
  )

  it.scopedLive("refuses a FIFO without waiting for its writer, and a file far too large", () =>
    Effect.gen(function* () {
      const file = yield* fileIn("file")
      execFileSync("mkfifo", [file])
      expect((yield* Effect.flip(readSmallFile(file))).why).toContain("FIFO")
      fs.rmSync(file)
      fs.writeFileSync(file, "")
      fs.truncateSync(file, 5e9)
      expect((yield* Effect.flip(readSmallFile(file))).reason).toBe("unsuitable")
    })
  )
})

describe("readStart", () => {
  it.scopedLive("reads no more bytes than asked for", () =>
    Effect.gen(function* () {
      const file = yield* fileIn("file")
      fs.writeFileSync(file, "0123456789")
      expect(String(yield* readStart(file, 4))).toBe("0123")
      expect(String(yield* readStart(file, 40))).toBe("0123456789")
    })
  )

  it.scopedLive("follows a symbolic link, or refuses it", () =>
    Effect.gen(function* () {
      const file = yield* fileIn("file")
      fs.writeFileSync(file, "text")
      fs.symlinkSync(file, `${file}.link`)
      expect(String(yield* readStart(`${file}.link`, 4))).toBe("text")
      expect((yield* Effect.flip(readStart(`${file}.link`, 4, "refuse"))).reason).toBe("unreadable")
    })
  )
})
