import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { warnOfFolders } from "../../src/run/FolderWarnings.ts"
import * as Service from "../../src/run/Services.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { makeRunServices } from "../support/RunServices.ts"

/** What is said of a log and a pid file in `folder`. */
const warnings = (folder: string, notHeld?: string) =>
  Effect.gen(function* () {
    const { layer, main, noticed } = yield* makeRunServices({
      "log-file": path.join(folder, "pf.log"),
      "pid-file": path.join(folder, "pf.pid")
    })
    const log = Layer.succeed(Service.MainLog, { ...main, notHeld })
    yield* Effect.provide(warnOfFolders, Layer.merge(layer, log))
    return noticed
  })

describe("warnOfFolders", () => {
  it.effect("says nothing of a folder that only we can change", () =>
    Effect.gen(function* () {
      expect(yield* warnings(temporaryFolder())).toEqual([])
    })
  )

  it.effect("warns once of a folder that everybody can change, for all files in it", () =>
    Effect.gen(function* () {
      const folder = temporaryFolder()
      fs.chmodSync(folder, 0o777)
      const said = yield* warnings(folder)
      expect(said).toEqual([expect.stringContaining("and so can remove or replace our files there")])
      expect(said[0]).toContain(folder)
    })
  )

  it.effect("warns of a log that can't be held against a second writer, with the reason", () =>
    Effect.gen(function* () {
      const folder = temporaryFolder()
      const said = yield* warnings(folder, "flock(1) is missing")
      expect(said).toEqual([
        expect.stringContaining(`the log ${folder}/pf.log can't be held against a second writer: flock(1) is missing.`)
      ])
    })
  )
})
