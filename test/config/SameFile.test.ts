import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { placedSettings } from "../../src/config/Configuration.ts"
import { resolveConfiguration } from "../../src/config/Sources.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

/** Ways in which a second name leads to the file of a first one; they get both names. */
const ways: Readonly<Record<string, (first: string, second: string) => string>> = {
  "the same path": (first) => first,
  "another spelling": (first) => `${path.dirname(first)}/.//${path.basename(first)}`,
  "a way through the folder above": (first) =>
    `${path.dirname(first)}/../${path.basename(path.dirname(first))}/${path.basename(first)}`,
  "a relative path": (first) => path.relative(process.cwd(), first),
  "a link": (first, second) => {
    fs.symlinkSync(first, second)
    return second
  },
  "a link to a link": (first, second) => {
    fs.symlinkSync(path.basename(first), `${second}.1`)
    fs.symlinkSync(`${second}.1`, second)
    return second
  },
  "a linked folder": (first, second) => {
    fs.symlinkSync(path.dirname(first), second)
    return path.join(second, path.basename(first))
  },
  "a hard link": (first, second) => {
    if (!fs.existsSync(first)) fs.writeFileSync(first, "")
    fs.linkSync(first, second)
    return second
  }
}

const files = placedSettings.filter(({ setting }) => setting.access !== undefined)
const nameOf = ({ section, key }: (typeof files)[number]) => `${section}.${key}`
const configuration = "the configuration file"

/** Every pair of settings that name files, and each with the configuration file, where one of the two is written. */
const pairs = files.flatMap((one, index) =>
  [...files.slice(index + 1).map((other) => [one, other] as const), [one, undefined] as const].filter((pair) =>
    pair.some((file) => file?.setting.access === "written")
  )
)

const problemsOf = (flags: Readonly<Record<string, string>>, file?: string) =>
  Effect.map(
    Effect.either(resolveConfiguration(flags, file === undefined ? undefined : { path: file, content: "" })),
    (result) => (Either.isLeft(result) ? result.left.problems : [])
  )

describe("the paths of a configuration", () => {
  it("have pairs to be tried", () => {
    expect(pairs.length).toBeGreaterThanOrEqual(12)
  })

  it.scopedLive.each(
    pairs.flatMap((pair) => [true, false].flatMap((exists) => Object.keys(ways).map((way) => ({ pair, exists, way }))))
  )("are refused where two lead to one file, and both are named (%#)", ({ pair: [one, other], exists, way }) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const first = path.join(folder, "first")
      // The configuration file, the one in the second place, has been read, and so exists.
      if (exists || other === undefined) fs.writeFileSync(first, "somebody's data\n")
      const second = ways[way]?.(first, path.join(folder, "second")) ?? ""
      const flags = { [one.setting.flag]: second, ...(other === undefined ? {} : { [other.setting.flag]: first }) }
      const problems = yield* problemsOf(flags, other === undefined ? first : undefined)
      const told = problems.find(
        (problem) =>
          problem.includes(nameOf(one)) && problem.includes(other === undefined ? configuration : nameOf(other))
      )
      expect(told ?? `nothing of ${nameOf(one)} and ${other && nameOf(other)}, ${way}`).toContain("are the same file")
    })
  )

  it.scopedLive("are good where each has a file of its own, and where one capture is read twice", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const flags = Object.fromEntries(files.map(({ setting }) => [setting.flag, path.join(folder, setting.flag)]))
      expect(yield* problemsOf(flags, path.join(folder, "pf.toml"))).toEqual([])
      const capture = path.join(folder, "capture")
      const { problems } = yield* Effect.map(
        Effect.either(resolveConfiguration({ read: [capture, capture] }, undefined)),
        (result) => ({ problems: Either.isLeft(result) ? result.left.problems : [] })
      )
      expect(problems).toEqual([])
    })
  )

  it.scopedLive("are refused where one is the lock of another", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const flags = { "log-file": path.join(folder, "pf.log"), "pid-file": path.join(folder, ".pf.log.lock") }
      expect((yield* problemsOf(flags)).join()).toMatch(
        /lock of log\.file .* and process\.pid_file .* are the same file/
      )
    })
  )

  it.scopedLive("are refused where the log is the program tcpdump, looked for on PATH", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const before = process.env["PATH"]
      process.env["PATH"] = `${folder}:${before}`
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          process.env["PATH"] = before
        })
      )
      const program = path.join(folder, "tcpdump")
      fs.writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 })
      expect((yield* problemsOf({ "log-file": program })).join()).toMatch(/capture\.tcpdump .* and log\.file/)
    })
  )
})
