import * as fs from "node:fs"
import * as path from "node:path"
import axe from "axe-core"
import { type BrowserContext, chromium, type Page } from "playwright-core"

/** What a page did while it was looked at. */
export interface Visit {
  readonly page: Page
  /** Messages of the console, errors and requests for anything but the page itself. */
  readonly complaints: ReadonlyArray<string>
}

/** Debian's name of the browser, then FreeBSD's. */
const names = ["chromium", "chrome"]

const executable = (): string => {
  const folders = (process.env["PATH"] ?? "").split(":").concat("/usr/bin", "/usr/local/bin")
  const found = folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(fs.existsSync)
  if (found === undefined) throw new Error("There is no Chromium: scripts/setup test installs it.")
  return found
}

/** Starts a browser that asks nobody anything. @param profile a new, empty folder */
export const startBrowser = (profile: string, scheme: "light" | "dark", width: number): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, {
    executablePath: executable(),
    headless: true,
    offline: true,
    colorScheme: scheme,
    viewport: { width, height: 900 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })

/** Opens a file in a browser and notes all that it complains about. */
export const visit = async (browser: BrowserContext, file: string): Promise<Visit> => {
  const page = await browser.newPage()
  const complaints: Array<string> = []
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`))
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on("request", (request) => {
    if (request.url() !== `file://${file}`) complaints.push(`request: ${request.url()}`)
  })
  await page.goto(`file://${file}`)
  return { page, complaints }
}

/** What axe-core finds wrong with a page for those who can't see or point well. */
export const accessibilityProblems = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axe.source)
  return page.evaluate<ReadonlyArray<string>>(
    "axe.run().then(({violations}) => violations.flatMap(({id, nodes}) => nodes.map(({html}) => id + ': ' + html)))"
  )
}

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
