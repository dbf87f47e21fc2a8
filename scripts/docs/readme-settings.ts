/** Writes the table of settings into README.md, from the settings themselves: `npx tsx scripts/docs/readme-settings.ts`. */
import * as fs from "node:fs"
import { withSettings } from "./Settings.ts"

fs.writeFileSync("README.md", withSettings(fs.readFileSync("README.md", "utf8")))
