import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { manualFile, renderManual, renderSample, sampleFile } from "../../scripts/docs/SettingsPages.ts"
import { subcommandNames } from "../../src/cli/Subcommands.ts"
import { placedSettings, variableOf } from "../../src/config/Configuration.ts"
import { resolveConfiguration } from "../../src/config/Sources.ts"
import { formats } from "../../src/format/Formats.ts"

const manual = readFileSync(manualFile, "utf8")
const sample = readFileSync(sampleFile, "utf8")

describe("the example configuration", () => {
  it("is what the settings table says (after a change: npm run docs)", () => {
    expect(sample).toBe(renderSample())
  })

  it("changes nothing, neither as it is nor with every key uncommented", async () => {
    const resolve = (content: string) =>
      Effect.runPromise(resolveConfiguration({}, { path: "pfasciilogd.toml", content }))
    const defaults = await Effect.runPromise(resolveConfiguration({}, undefined))
    expect(await resolve(sample)).toEqual(defaults)
    const uncommented = sample.replace(/^#(?=\w)/gm, "")
    expect(uncommented.match(/^\w+ = /gm)).toHaveLength(placedSettings.length)
    expect(await resolve(uncommented)).toEqual(defaults)
  })
})

describe("the man page", () => {
  it("is clean under mandoc -T lint", () => {
    const { status, stdout, stderr } = spawnSync("mandoc", ["-T", "lint", manualFile], { encoding: "utf8" })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" })
  })

  it("is what the settings table says (after a change: npm run docs)", () => {
    expect(manual).toBe(renderManual(manual))
  })

  it("has a synopsis and a description of every subcommand", () => {
    for (const name of subcommandNames.filter((each) => each !== "help")) {
      expect(manual, "the man page lacks a synopsis: write it by hand").toContain(`\n.Nm\n.Cm ${name}\n`)
      expect(manual, "the man page lacks a description: write it by hand").toContain(`\n.It Cm ${name}\n`)
    }
  })

  it("names every key, flag and variable, as one reads them", () => {
    const read = spawnSync("mandoc", ["-T", "utf8", "-O", "width=200", manualFile], { encoding: "utf8" }).stdout
    const text = read.replace(/.\u0008/g, "")
    for (const { section, key, setting } of placedSettings) {
      for (const name of [`${section}.${key}`, `--${setting.flag}`, variableOf(setting)]) expect(text).toContain(name)
    }
  })

  it("describes every format under its name", () => {
    for (const format of Object.keys(formats)) expect(manual).toContain(`\n.It Cm ${format}\n`)
  })

  it("names every variable of the service script, and that script every one of the man page", () => {
    const script = readFileSync("rc.d/pfasciilogd", "utf8")
    const told = [...manual.matchAll(/^\.It Va (pfasciilogd_\w+)/gm)].map(([, name]) => name)
    const documented = [...script.matchAll(/^# {3}(pfasciilogd_\w+) /gm)].map(([, name]) => name)
    expect(told).toEqual(documented)
    expect(told.length).toBeGreaterThan(6)
  })
})
