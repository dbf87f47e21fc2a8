import { type PlacedSetting, placedSettings } from "../../src/config/Configuration.ts"

const begin = "<!-- settings -->\n"
const end = "<!-- /settings -->"

/** The README with the table of settings between its two marks made anew. */
export const withSettings = (readme: string): string => {
  const [before, rest] = readme.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`README.md lacks the marks ${begin} and ${end}`)
  return `${before}${begin}${table()}${end}${after}`
}

const table = (): string =>
  ["| key | flag | default | what it is |", "|---|---|---|---|", ...placedSettings.map(row), ""].join("\n")

const row = ({ section, key, setting }: PlacedSetting): string =>
  `| \`${section}.${key}\` | \`--${setting.flag}\` | \`${JSON.stringify(setting.default)}\` | ${setting.description} |`
