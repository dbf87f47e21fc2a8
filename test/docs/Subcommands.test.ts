import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { subcommandNames } from "../../src/cli/Subcommands.ts"

const readme = readFileSync("README.md", "utf8")
const manual = readFileSync("rc.d/pfasciilogd.8", "utf8")

/** `help` explains itself. */
const documented = subcommandNames.filter((name) => name !== "help")

describe("each subcommand", () => {
  it.each(documented)("%s has its row in README.md", (name) => {
    expect(readme).toMatch(new RegExp(`^\\| \`pfasciilogd ${name}\`\\s+\\| `, "m"))
  })

  it.each(documented)("%s has its usage and its paragraph in rc.d/pfasciilogd.8", (name) => {
    const synopsis = manual.slice(manual.indexOf(".Sh SYNOPSIS"), manual.indexOf(".Sh DESCRIPTION"))
    expect(synopsis).toContain(`\n.Cm ${name}\n`)
    expect(manual).toContain(`\n.It Cm ${name}\n`)
  })
})
