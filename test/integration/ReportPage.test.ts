import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { accessibilityProblems, overflow, startBrowser, visit } from "../support/Browser.ts"
import { noticeLine, packetLine, scanLines } from "../support/LogLines.ts"
import { mmdb } from "../support/Mmdb.ts"
import { temporaryFolder } from "../support/PerTest.ts"
import { runProgram } from "../support/Program.ts"

const attacks = [
  "<script>document.title='owned'</script>",
  "\"'><img src=x onerror=\"document.title='owned'\">",
  "</title></style><svg onload=alert(1)>",
  "\u001b[31m\u001b]0;owned\u0007",
  "\u202e\u2066gnp.exe\u2069",
  "&lt;b&gt; `x` {{x}} <!-- ]]>",
  "W".repeat(5000)
]

/** An attack in the bytes of a log, and as one word, which is all that pf lets a name be. */
const inLog = (attack: string): string => Buffer.from(attack, "utf8").toString("latin1")
const asWord = (attack: string): string => attack.replaceAll(/\s/g, "/")

const attackLines = attacks.flatMap((attack, index) => [
  packetLine(index, { source: `203.0.113.${index}`, port: 80, head: `1.${asWord(attack)}.0/0(match)` }),
  packetLine(index, { source: `203.0.113.${index}`, port: 80, action: asWord(attack) }),
  packetLine(index, { source: `203.0.113.${index}`, port: 80 }).replace(" em0:", ` ${asWord(attack)}:`),
  packetLine(index, { source: `203.0.113.${index}`, port: 80 }).replace("length 0", `length 9: HTTP: ${attack}`),
  packetLine(index, { source: asWord(attack), port: 80 }),
  noticeLine(index, attack, "tcpdump[101]"),
  `${attack}\n`
])

/** A page of a log that attacks it, by all ways that lead in: names in the log, in databases, and in pf's rules. */
const attackedPage = async (): Promise<string> => {
  const folder = temporaryFolder()
  const write = (name: string, content: string | Buffer) => {
    const file = path.join(folder, name)
    fs.writeFileSync(file, content)
    return file
  }
  const log = write(
    "pf.log",
    Buffer.from([...scanLines("192.0.2.7", 0, 30), ...attackLines.map(inLog)].join(""), "latin1")
  )
  const name = attacks.slice(0, 6).join("").slice(0, 250)
  const country = write("country.mmdb", mmdb({ "203.0.113.0/24": { country_code: name } }))
  const as = write("as.mmdb", mmdb({ "203.0.113.0/24": { asn: 64_500, name } }))
  fs.mkdirSync(path.join(folder, "bin"))
  const pfctl = write(
    "bin/pfctl",
    `#!/bin/sh\ncat <<'END'\n@1 block drop in log all label "${attacks[1]?.slice(1)}"\nEND\n`
  )
  fs.chmodSync(pfctl, 0o755)
  const html = path.join(folder, "report.html")
  const words = ["report", "--html", html, "--country", country, "--asn", as, log]
  const { status, stderr } = await runProgram(words, { PATH: `${path.dirname(pfctl)}:${process.env["PATH"]}` })
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  return html
}

describe("the page in a real browser", () => {
  it("runs nothing, asks for nothing, fits, and can be read by all, whatever the log holds", async () => {
    const file = await attackedPage()
    expect(fs.readFileSync(file, "utf8")).toMatch(
      /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]*$/
    )
    for (const [scheme, width] of [
      ["light", 1280],
      ["dark", 1280],
      ["light", 360],
      ["dark", 360]
    ] as const) {
      const browser = await startBrowser(temporaryFolder(), scheme, width)
      const { page, complaints } = await visit(browser, file)
      const seen = {
        title: await page.title(),
        overflow: await overflow(page),
        // What a name of the log would have made of itself.
        foreign: await page.locator("script, img, iframe, link, [onload], [onerror], [style]").count(),
        charts: await page.getByRole("img").count(),
        problems: await accessibilityProblems(page),
        complaints
      }
      // All tables open: the widest that the page gets.
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
      const openOverflow = await overflow(page)
      await page.emulateMedia({ media: "print" })
      const printed = { overflow: await overflow(page), problems: (await accessibilityProblems(page)).length }
      await browser.close()
      expect({ scheme, width, ...seen, openOverflow, printed }).toEqual({
        scheme,
        width,
        title: expect.stringContaining("What was knocking"),
        overflow: 0,
        foreign: 0,
        charts: 3,
        problems: [],
        complaints: [],
        openOverflow: 0,
        printed: { overflow: expect.any(Number), problems: 0 }
      })
    }
  }, 180_000)

  it("prints on A4 without tearing a word or an address, and with each heading above what it is of", async () => {
    const folder = temporaryFolder()
    const log = path.join(folder, "pf.log")
    const sources = ["203.0.113.109", "198.51.100.177", "2001:db8:77:13::15"]
    fs.writeFileSync(log, sources.flatMap((source) => scanLines(source, 0, 30)).join(""))
    const html = path.join(folder, "report.html")
    expect((await runProgram(["report", "--html", html, log])).status).toBe(0)
    // What A4 leaves between margins of a centimetre, at 96 pixels an inch.
    const browser = await startBrowser(temporaryFolder(), "light", 718)
    const { page } = await visit(browser, html)
    await page.emulateMedia({ media: "print" })
    const torn = await page.evaluate<ReadonlyArray<string>>(tornWords)
    const breaks = await page.evaluate<ReadonlyArray<string>>(breaksBehind)
    const seen = { overflow: await overflow(page), torn }
    await browser.close()
    expect(seen).toEqual({ overflow: 0, torn: [] })
    expect(breaks.length).toBeGreaterThan(10)
    expect(new Set(breaks)).toEqual(new Set(["avoid"]))
  }, 60_000)
})

/** In the page: whether a new sheet may begin behind a heading, or the sentence under it. */
const breaksBehind = `[...document.querySelectorAll("h2, h3, h2 + p, caption")].map((one) => getComputedStyle(one).breakAfter)`

/** In the page: the words of tables that stand on more lines than one. */
const tornWords = `[...document.querySelectorAll("th, td")].flatMap((cell) => {
  const text = cell.firstChild
  if (text === null || text.nodeType !== Node.TEXT_NODE) return []
  return [...text.data.matchAll(/\\S+/g)].flatMap(({ 0: word, index }) => {
    const range = document.createRange()
    range.setStart(text, index)
    range.setEnd(text, index + word.length)
    return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1 ? [word] : []
  })
})`
