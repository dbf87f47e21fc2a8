import { writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { compileFunction } from "node:vm"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as esbuild from "esbuild"
import { loaderOf } from "../../scripts/packaging/Parts.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

/** Files of a program whose parts share one, load one another late, and use Node's modules in all ways. */
const files = {
  "main.ts": `import { sep } from "node:path"
import * as os from "node:os"
import { shared, Counter } from "./shared.ts"
export const said = (): string => [typeof os.cpus, sep, shared("main")].join(" ")
export const change = async (value: { a: number }) => (await import("./later.ts")).change(value)
export const later = async () => (await import("./later.ts")).count(new Counter())
export const common = async () => Object.values(await import("./common.cjs")).length + (await import("./common.cjs")).twice(20)`,
  "shared.ts": `import fs from "node:fs"
export const shared = (who: string): string => \`shared by \${who}; import{a as b}from "x"; \${typeof fs.readFileSync}\`
export class Counter { count = 0; static made = 0; constructor() { Counter.made += 1 } }`,
  "later.ts": `import { Counter, shared } from "./shared.ts"
import { join, basename as base } from "node:path"
export const count = (counter: Counter) => [counter instanceof Counter, Counter.made, shared(base(join("a", "b")))]
export default count
export const change = (frozen: { a: number }) => { frozen.a = 2 }`,
  "common.cjs": "const { inspect } = require('util')\nexports.twice = (number) => Number(inspect(2 * number))"
}

interface Exported {
  readonly said: () => string
  readonly later: () => Promise<readonly [boolean, number, string]>
  readonly change: (value: { readonly a: number }) => Promise<void>
  readonly common: () => Promise<number>
}

/** The text that declares `load` for the program, whose sources are put into a folder, and how many parts it has. */
const loader = (folder: string, sources: Readonly<Record<string, string>> = files) =>
  Effect.gen(function* () {
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text)
    const outdir = join(folder, "parts")
    const modules = yield* Effect.promise(() =>
      esbuild.build({
        entryPoints: [join(folder, "main.ts")],
        bundle: true,
        splitting: true,
        minify: true,
        write: false,
        metafile: true,
        platform: "node",
        format: "esm",
        outdir
      })
    )
    return { text: loaderOf(modules, outdir, "load", "node"), parts: modules.outputFiles.length }
  })

/** What the program exports, and the names of the modules of Node's that were asked for. */
const load = (folder: string) =>
  Effect.gen(function* () {
    const { text, parts } = yield* loader(folder)
    const asked: Array<string> = []
    const node = createRequire("/")
    const nodeRequire = (name: string): unknown => {
      asked.push(name)
      return node(name)
    }
    // What main.ts exports.
    const exported = compileFunction(`${text}return load("./main.js")`, ["node"])(nodeRequire) as Exported
    return { exported, asked, parts }
  })

describe("loaderOf", () => {
  it.scopedLive("gives what a program exports, whose parts are functions", () =>
    Effect.gen(function* () {
      const { exported, parts } = yield* load(yield* temporaryFolder)
      // The four, and one of what esbuild itself needs.
      expect(parts).toBe(5)
      expect(exported.said()).toBe(`function / shared by main; import{a as b}from "x"; function`)
      expect(yield* Effect.promise(() => exported.common())).toBe(42)
    })
  )

  it.scopedLive("runs each part once, however many ask for it, and only when it is asked for", () =>
    Effect.gen(function* () {
      const { exported, asked } = yield* load(yield* temporaryFolder)
      const before = asked.filter((name) => name === "node:path").length
      const [isSame, made, text] = yield* Effect.promise(() => exported.later())
      expect([isSame, made]).toEqual([true, 1])
      expect(text).toContain("shared by b;")
      expect(asked.filter((name) => name === "node:path").length).toBe(before + 1)
      expect(asked.filter((name) => name === "node:fs")).toHaveLength(1)
    })
  )

  it.scopedLive("has parts that are strict, as modules are: what cannot be changed throws where somebody tries", () =>
    Effect.gen(function* () {
      const { exported } = yield* load(yield* temporaryFolder)
      const change = Effect.tryPromise({
        try: () => exported.change(Object.freeze({ a: 1 })),
        catch: (error) => error
      })
      expect(yield* Effect.flip(change)).toBeInstanceOf(TypeError)
    })
  )

  it.scopedLive.each([`;import{a as b}from"x";`, `import("x")`])(
    "makes no program where the text %s would be changed",
    (text) =>
      Effect.gen(function* () {
        const sources = { "main.ts": `export const text = (who: string) => \`\${who}${text}\`` }
        const made = Effect.sandbox(loader(yield* temporaryFolder, sources))
        expect(Cause.pretty(yield* Effect.flip(made))).toContain("has 0 imports, of which 1 were found")
      })
  )

  it.scopedLive("is the same text wherever the sources lie", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* loader(yield* temporaryFolder), yield* loader(yield* temporaryFolder)]
      expect(here.text).toBe(there.text)
    })
  )
})
