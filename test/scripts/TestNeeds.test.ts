import * as fs from "node:fs"
import { describe, expect, it } from "vitest"
import { needs } from "../../scripts/testing/Needs.ts"
import { folderOfNode } from "../../scripts/testing/OtherNode.ts"

const testFiles = fs
  .readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `test/${name}`)

describe("what scripts/test leaves out where a system lacks a program", () => {
  it("is nothing on a system that was set up", () => {
    expect(needs.filter((need) => !need.isThere()).map(({ what }) => what)).toEqual([])
  })

  it("names test files that exist", () => {
    for (const { files } of needs) for (const file of files) expect(fs.existsSync(file), file).toBe(true)
  })

  it.each(needs.map((need) => [need.what.replace("Linux's ", ""), need] as const))(
    "knows every test file that starts or reads %s",
    (word, need) => {
      const called = word.startsWith("/") ? `${word}/` : `"${word}"`
      const naming = testFiles.filter((file) => fs.readFileSync(file, "utf8").includes(called))
      const here = "test/scripts/TestNeeds.test.ts"
      expect(need.files).toEqual(expect.arrayContaining(naming.filter((file) => file !== here && !standIns.has(file))))
    }
  )
})

/** They name such a program or folder without needing it: by stand-ins, or as a text. */
const standIns = new Set([
  "test/host/neverban/Sources.test.ts",
  "test/integration/CrowdSec.test.ts",
  "test/capture/Captures.test.ts"
])

describe("scripts/test --node", () => {
  it("takes a version of Node and nothing else", () => {
    for (const odd of ["", "lts", "22;id", "../22"]) expect(folderOfNode(odd)).toHaveProperty("refusal")
  })
})
