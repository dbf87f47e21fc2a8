/**
 * Brings up to date what README, man page and example configuration say of subcommands and settings, between the marks there:
 *
 *     npm run docs
 */
import { readFileSync, writeFileSync } from "node:fs"
import { renderReadme } from "./docs/Readme.ts"
import { manualFile, renderManual, renderSample, sampleFile } from "./docs/SettingsPages.ts"

const renew = (file: string, render: (text: string) => string): void =>
  writeFileSync(file, render(readFileSync(file, "utf8")))

renew("README.md", renderReadme)
renew(manualFile, renderManual)
writeFileSync(sampleFile, renderSample())
