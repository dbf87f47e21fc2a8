import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { withSettings } from "../../scripts/docs/Settings.ts"
import { formats } from "../../src/format/Formats.ts"

const readme = fs.readFileSync("README.md", "utf8")

describe("README.md", () => {
  it("names every setting with its flag, default and meaning, as the program has them", () => {
    expect(readme).toBe(withSettings(readme))
  })

  it("describes every format under its name", () => {
    for (const format of Object.keys(formats)) expect(readme).toMatch(new RegExp(`^- \\*\\*${format}\\*\\* ?[:(]`, "m"))
  })

  it("leads to files that exist", () => {
    const named = [...readme.matchAll(/\]\(([^)#:]+)\)|`(?:npx tsx )?((?:scripts|rc\.d|fail2ban|src)\/[\w./-]+)/g)].map(
      (match) => match[1] ?? match[2] ?? ""
    )
    expect(named.length).toBeGreaterThan(5)
    for (const name of named) expect(fs.existsSync(name), name).toBe(true)
  })
})
