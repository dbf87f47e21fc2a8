import { summaryOf } from "../../src/cli/help/HelpPage.ts"
import { subcommandNames, syntaxNamed } from "../../src/cli/Subcommands.ts"
import { type PlacedSetting, placedSettings } from "../../src/config/Configuration.ts"

/** The README with its lists of subcommands and of settings made anew, between the marks there. */
export const renderReadme = (readme: string): string =>
  withBlock(withBlock(readme, "subcommands", subcommandTable()), "settings", settingsList())

const withBlock = (readme: string, name: string, content: string): string => {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`]
  const [before, rest] = readme.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`README.md lacks the marks ${begin} and ${end}`)
  return `${before}${begin}${content}${end}${after}`
}

const subcommandTable = (): string =>
  [
    "| command | what it does |",
    "|---|---|",
    ...subcommandNames.map((name) => {
      const syntax = syntaxNamed(name)
      return `| \`pfasciilogd ${name}\` | ${syntax === undefined ? "" : summaryOf(syntax)} |`
    }),
    ""
  ].join("\n")

/** A line or two for each table of the file: its keys with their defaults. */
const settingsList = (): string => {
  const sections = [...new Set(placedSettings.map(({ section }) => section))]
  return sections.map((section) => list(placedSettings.filter((placed) => placed.section === section))).join("")
}

const width = 118

const list = (placed: ReadonlyArray<PlacedSetting>): string => {
  const lines = [`- \`[${placed[0]?.section}]\``]
  for (const [index, { key, setting }] of placed.entries()) {
    const word = `\`${key} = ${JSON.stringify(setting.default)}\`${index < placed.length - 1 ? "," : ""}`
    const line = lines.at(-1) ?? ""
    if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(`  ${word}`)
  }
  return `${lines.join("\n")}\n`
}
