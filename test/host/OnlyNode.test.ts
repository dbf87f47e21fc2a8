import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { program } from "../support/Daemon.ts"
import { finished } from "../support/Packages.ts"
import { temporaryFolder } from "../support/PerTest.ts"

/** Runs the built program where `process.versions` says what another runtime says there. */
const runAs = (versions: Readonly<Record<string, string>>) => {
  const preload = path.join(temporaryFolder(), "versions.cjs")
  const text = `Object.defineProperty(process, "versions", { value: { ...process.versions, ...${JSON.stringify(versions)} } })\n`
  fs.writeFileSync(preload, text)
  return finished(process.execPath, ["--require", preload, program, "--version"])
}

describe("the program under another runtime", () => {
  it("refuses Bun, Deno and an old Node with one sentence", async () => {
    for (const [versions, named] of [
      [{ bun: "1.4.5" }, "Bun 1.4.5"],
      [{ deno: "2.5.0" }, "Deno 2.5.0"],
      [{ node: "18.20.4" }, "Node.js 18.20.4"]
    ] as const) {
      const stderr = `pfasciilogd: Node.js 20 or later is needed, and this is ${named}.\n`
      expect(await runAs(versions)).toEqual({ status: 69, stdout: "", stderr })
    }
  })

  it("runs under this one", async () => {
    expect(await runAs({})).toMatchObject({ status: 0, stderr: "" })
  })
})
