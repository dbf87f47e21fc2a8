import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { finished } from "../support/Packages.ts"

/** What is run by the shell of a system that we don't know, by its first line, and their parts. */
const shellScripts = fs
  .readdirSync("scripts", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name))
  .filter((file) => fs.readFileSync(file, "latin1").startsWith("#!/bin/sh\n"))

describe("the shell scripts", () => {
  it("are all found", () => {
    expect(shellScripts).toEqual(expect.arrayContaining(["scripts/install", "scripts/package", "scripts/setup"]))
  })

  it("are clean under shellcheck and checkbashisms", async () => {
    const shellcheck = await finished("shellcheck", ["-s", "sh", "-x", ...shellScripts])
    expect(shellcheck).toEqual({ status: 0, stdout: "", stderr: "" })
    expect(await finished("checkbashisms", shellScripts)).toEqual({ status: 0, stdout: "", stderr: "" })
  })
})
