import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { renderReadme } from "../../scripts/docs/Readme.ts"
import { formats } from "../../src/format/Formats.ts"

const readme = fs.readFileSync("README.md", "utf8")

describe("README.md", () => {
  it("names every subcommand and every setting with its default, as the program has them (after a change: npm run docs)", () => {
    expect(readme).toBe(renderReadme(readme))
  })

  it("is short: at most 200 lines of at most 120 characters", () => {
    const lines = readme.trimEnd().split("\n")
    expect(lines.length).toBeLessThanOrEqual(200)
    expect(lines.filter((line) => line.length > 120)).toEqual([])
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

describe("src/README.md", () => {
  const architecture = fs.readFileSync("src/README.md", "utf8")

  it("names files and rooms that exist, and every room", () => {
    const named = [...architecture.matchAll(/`([a-z0-9]+\/[\w/]+\.ts)`/g)].map(([, name = ""]) => name)
    expect(named.length).toBeGreaterThan(30)
    const missing = named.filter((name) => !name.startsWith("cli/X") && !fs.existsSync(`src/${name}`))
    expect(missing.filter((name) => !fs.existsSync(name))).toEqual([])
    const rooms = fs.readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(rooms.map(({ name }) => name).filter((name) => !architecture.includes(`| \`${name}/\` |`))).toEqual([])
  })
})
