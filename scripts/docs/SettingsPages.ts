import { type PlacedSetting, placedSettings, variableOf } from "../../src/config/Configuration.ts"

/** Where the example configuration and the man page are. */
export const sampleFile = "rc.d/pfasciilogd.toml.sample"
export const manualFile = "rc.d/pfasciilogd.8"

const wrapped = (text: string, width: number): ReadonlyArray<string> =>
  text.match(new RegExp(`\\S.{0,${width - 1}}(?= |$)`, "g")) ?? []

const sampleHead = `# The configuration of pfasciilogd(8). Copy this file to pfasciilogd.toml beside it and change what you need to: every key is
# shown with its default. \`pfasciilogd validate\` checks it, a restart of the service reads it. Each key is also a flag of
# \`pfasciilogd run\` and an environment variable; precedence: flag, environment, this file, default.
`

const sampleKey = ({ key, setting }: PlacedSetting): string =>
  [
    ...wrapped(`${setting.description} Accepted: ${setting.accepted}.`, 116).map((line) => `# ${line}`),
    `#${key} = ${JSON.stringify(setting.default)}`
  ].join("\n")

/** The example configuration: every key with its default, commented out. */
export const renderSample = (): string => {
  const sections = [...new Set(placedSettings.map(({ section }) => section))]
  return [
    sampleHead,
    ...sections.map((section) => {
      const keys = placedSettings.filter((placed) => placed.section === section)
      return `[${section}]\n${keys.map(sampleKey).join("\n\n")}\n`
    })
  ].join("\n")
}

/** Plain text as mdoc(7) takes it: a sentence a line, none too long, nothing that would be taken for a request or an escape. */
const mdocText = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replace(/([.?!]) (?=[A-Z])/g, "$1\n")
    .split("\n")
    .flatMap((sentence) => wrapped(sentence, 78))
    .map((line) => line.replace(/^(?=[.'])/, "\\&"))
    .join("\n")

const manualKey = ({ section, key, setting }: PlacedSetting): string =>
  `.It Cm ${section}.${key} , Fl -${setting.flag} Ar ${setting.placeholder} , Ev ${variableOf(setting)}
${mdocText(setting.description)}
${mdocText(`Accepted: ${setting.accepted}.`)}
Default:
${setting.default === "" || (Array.isArray(setting.default) && setting.default.length === 0) ? "none." : `.Ql ${setting.default} .`}`

const beginMark = '.\\" Begin of the settings, written by npm run docs.\n'
const endMark = '.\\" End of the settings.\n'

/** The man page with its list of settings brought up to date. */
export const renderManual = (manual: string): string => {
  const begin = manual.indexOf(beginMark) + beginMark.length
  const end = manual.indexOf(endMark)
  if (begin < beginMark.length || end < begin) throw new Error(`${manualFile} lacks the marks around its settings`)
  return `${manual.slice(0, begin)}${placedSettings.map(manualKey).join("\n")}\n${manual.slice(end)}`
}
