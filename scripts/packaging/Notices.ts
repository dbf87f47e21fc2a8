/** What the bundled program owes to others: which packages it holds code of, their licences, and the notices within their files. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Our licence and the notices, as they are installed; the build writes it. */
export const licenseFile = "dist/LICENSE"

/** A package of npm that the bundle holds code of. */
interface Bundled {
  readonly name: string
  readonly version: string
  /** As SPDX has it: MIT. */
  readonly license: string
  /** The texts of its files LICENSE and NOTICE. */
  readonly text: string
  /** The comments of its bundled files that tell of a copyright or a licence; the bundle has no comments. */
  readonly comments: ReadonlyArray<string>
}

/** The folder of a bundled file's package, the innermost where a package has packages of its own; empty for our own files. */
const folderOf = (file: string): string => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? ""

const trimmed = (text: string): string =>
  text
    .replace(/\r\n/g, "\n")
    .replace(/[ \t]+$/gm, "")
    .trim()

const commentsOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(file, "utf8").matchAll(/\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm)]
    .map(([comment]) => comment)
    .filter((comment) => /copyright|\blicen[cs]ed?\b/i.test(comment))
    .map((comment) => trimmed(comment.replace(/^[ \t]*(?:\/\*+|\*\/|\*|\/\/)[ \t]?|\*\/$/gm, "")))

const bundled = (folder: string, files: ReadonlyArray<string>): Bundled => {
  const manifest: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const [name, license] = [String(manifest["name"]), manifest["license"]]
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)(\.|$)/i.test(file))
  if (typeof license !== "string") throw new Error(`${name} is bundled, and its package.json names no licence.`)
  if (texts.length === 0) throw new Error(`${name} is bundled, and has no file LICENSE to reproduce.`)
  return {
    name,
    version: String(manifest["version"]),
    license,
    text: texts
      .sort()
      .map((file) => trimmed(readFileSync(join(folder, file), "utf8")))
      .join("\n\n"),
    comments: [...new Set(files.flatMap(commentsOf))]
  }
}

const groupsOf = <A>(
  values: ReadonlyArray<A>,
  keyOf: (value: A) => string
): ReadonlyArray<readonly [string, ReadonlyArray<A>]> =>
  [...new Set(values.map(keyOf))].map((key) => [key, values.filter((value) => keyOf(value) === key)])

/** The packages whose files are given, by name. */
const packagesOf = (files: ReadonlyArray<string>): ReadonlyArray<Bundled> =>
  groupsOf([...files].sort(), folderOf)
    .flatMap(([folder, own]) => (folder === "" ? [] : [bundled(folder, own)]))
    .sort((one, other) => (one.name < other.name ? -1 : 1))

const line = "-".repeat(80)

/** A package's own notices; where several have the same licence to the letter, that stands once, under all their names. */
const sectionOf = (sharing: ReadonlyArray<Bundled>): string =>
  [
    line,
    ...sharing.map(({ name, version, license }) => `Package: ${name} ${version} (${license})`),
    "",
    sharing[0]?.text,
    ...sharing.flatMap(({ name, comments }) =>
      comments.flatMap((comment) => ["", `In files of ${name}:`, "", comment])
    ),
    ""
  ].join("\n")

/** Our licence, and behind it the notices of all packages that these bundled files are of. */
export const licenseWithNotices = (own: string, files: ReadonlyArray<string>): string => {
  const sections = groupsOf(packagesOf(files), ({ text }) => text).map(([, sharing]) => sectionOf(sharing))
  const head = "The program holds code of these packages, under the licences below their names."
  return `${trimmed(own)}\n\n${line}\n${head}\n${sections.join("")}`
}

/** The licences that such a text is about, ours first, as SPDX has them. */
export const licensesIn = (text: string, own: string): ReadonlyArray<string> => [
  ...new Set([own, ...[...text.matchAll(/^Package: \S+ \S+ \((.+)\)$/gm)].map(([, license = ""]) => license).sort()])
]

/** What the built program is under. */
export const builtLicenses = (own: string): ReadonlyArray<string> => {
  if (!existsSync(licenseFile)) throw new Error(`${licenseFile} is not there: run 'npm run build' first.`)
  return licensesIn(readFileSync(licenseFile, "utf8"), own)
}
