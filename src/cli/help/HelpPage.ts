import { placedSettings } from "../../config/Configuration.ts"
import { ExitStatus, statusMeanings } from "../ExitStatus.ts"
import type { Parameter, Syntax } from "./Syntax.ts"

/** How the page is set. */
export interface PageStyle {
  readonly width: number
  /** Makes headings and flags stand out; on a terminal only. */
  readonly strong: (text: string) => string
}

/** What the page of a subcommand says beside its syntax. */
export interface PageContent {
  readonly syntax: Syntax
  readonly examples: ReadonlyArray<readonly [commandLine: string, meaning: string]>
  readonly statuses: ReadonlyArray<keyof typeof ExitStatus>
}

const commonFlag = (name: string, placeholder: string | undefined, description: string): Parameter => ({
  name,
  placeholder,
  description,
  repeatable: false,
  required: false
})

/** The flags that the program has itself, whatever the subcommand. */
export const commonFlags: ReadonlyArray<Parameter> = [
  commonFlag("-h, --help", undefined, "Show this help."),
  commonFlag("--version", undefined, "Show the version."),
  commonFlag("--completions", "bash|fish|zsh", "Print a completion script for a shell.")
]

const rootExamples: PageContent["examples"] = [
  ["pfasciilogd validate", "say what is wrong on this host, and what to do about it"],
  ["pfasciilogd run --read pflog.pcap --log-file pf.log", "convert a saved capture"],
  ["pfasciilogd help run", "show all settings of the service"]
]

/** The page of the program itself. */
export const rootPage = (version: string, subcommands: ReadonlyArray<Syntax>, style: PageStyle): string => {
  const column = Math.max(...subcommands.map(({ name }) => name.length)) + 4
  return pageOf([
    [`pfasciilogd ${version}: pf's logged packets as a log that fail2ban can follow`],
    [`${style.strong("Usage:")} pfasciilogd <command> [options]`],
    [
      style.strong("Commands:"),
      ...subcommands.flatMap((syntax) =>
        hanging(`  ${syntax.name}`, summaryOf(syntax), column, style, style.strong(syntax.name))
      )
    ],
    [style.strong("Options:"), ...commonFlags.flatMap((flag) => flagLines(flag, style))],
    exampleLines(rootExamples, style),
    wrap('"pfasciilogd help <command>" shows the options of a command; pfasciilogd(8) is the manual.', style.width)
  ])
}

/** The page of a subcommand. */
export const subcommandPage = ({ syntax, examples, statuses }: PageContent, style: PageStyle): string => {
  const words = [syntax.name, ...(syntax.flags.length === 0 ? [] : ["[options]"]), ...syntax.arguments.map(usageWord)]
  return pageOf([
    wrap(syntax.sentences.join(" "), style.width),
    [`${style.strong("Usage:")} pfasciilogd ${words.join(" ")}`],
    ...(syntax.arguments.length === 0
      ? []
      : [[style.strong("Arguments:"), ...syntax.arguments.flatMap((argument) => flagLines(argument, style))]]),
    ...flagGroups(syntax.flags).map(([title, flags]) => [
      style.strong(`${title}:`),
      ...flags.flatMap((flag) => flagLines(flag, style))
    ]),
    statusLines(["ok", ...statuses, "usage"], style),
    exampleLines(examples, style)
  ])
}

/** What a subcommand is for, in a line of the list. */
export const summaryOf = ({ sentences }: Syntax): string => (sentences[0] ?? "").replace(/[.:]$/, "")

const usageWord = ({ name, required }: Parameter): string => (required ? name : `[${name}]`)

/** The flags by the section of the configuration that they set; those that set none come first. */
const flagGroups = (flags: ReadonlyArray<Parameter>): ReadonlyArray<[string, ReadonlyArray<Parameter>]> => {
  const groups = new Map<string, Array<Parameter>>([["Options", []]])
  for (const flag of flags) {
    const section = settingOf(flag)?.section
    const title = section === undefined ? "Options" : `Settings of [${section}]`
    groups.set(title, [...(groups.get(title) ?? []), flag])
  }
  groups.get("Options")?.push(...commonFlags.slice(0, 1))
  return [...groups]
}

/** The setting that a flag sets; a subcommand may have a flag of the same name that is its own. */
const settingOf = ({ name, description }: Parameter) =>
  placedSettings.find(({ setting }) => `--${setting.flag}` === name && setting.description === description)

const defaultOf = (flag: Parameter): string => {
  const placed = settingOf(flag)
  if (placed === undefined) return flag.repeatable && flag.name.startsWith("-") ? "  (may be repeated)" : ""
  const { default: value } = placed.setting
  const none = value === "" || (Array.isArray(value) && value.length === 0)
  return `  (default: ${none ? "none" : Array.isArray(value) ? value.join(" ") : value})`
}

const indent = 10

const flagLines = (flag: Parameter, style: PageStyle): ReadonlyArray<string> => {
  const value = flag.placeholder === undefined ? "" : ` ${bracketed(flag.placeholder)}`
  return [
    `  ${style.strong(flag.name)}${value}${defaultOf(flag)}`,
    ...wrap(flag.description, style.width - indent).map((line) => " ".repeat(indent) + line)
  ]
}

const bracketed = (placeholder: string): string => (placeholder.startsWith("<") ? placeholder : `<${placeholder}>`)

const statusLines = (statuses: PageContent["statuses"], style: PageStyle): ReadonlyArray<string> => [
  style.strong("Exit status:"),
  ...[...new Set(statuses)]
    .sort((one, other) => ExitStatus[one] - ExitStatus[other])
    .flatMap((status) => hanging(`  ${String(ExitStatus[status]).padStart(2)}`, statusMeanings[status], 6, style))
]

const exampleLines = (examples: PageContent["examples"], style: PageStyle): ReadonlyArray<string> =>
  examples.length === 0
    ? []
    : [
        style.strong("Examples:"),
        ...examples.flatMap(([line, meaning]) => [
          `  ${line}`,
          ...wrap(meaning, style.width - indent).map((text) => " ".repeat(indent) + text)
        ])
      ]

/** A head, and text beside it that goes on below itself. */
const hanging = (
  head: string,
  text: string,
  column: number,
  style: PageStyle,
  strongHead = head.trim()
): ReadonlyArray<string> => {
  const [first = "", ...rest] = wrap(text, style.width - column)
  return [
    `${head.replace(head.trim(), () => strongHead)}${" ".repeat(Math.max(1, column - head.length))}${first}`,
    ...rest.map((line) => " ".repeat(column) + line)
  ]
}

/** Breaks a text between words; a word that is longer than the line stays whole. */
const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

const pageOf = (blocks: ReadonlyArray<ReadonlyArray<string>>): string =>
  blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")
