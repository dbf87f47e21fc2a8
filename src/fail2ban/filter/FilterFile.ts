import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type ConfigFile, mergeConfigFiles, readConfigFiles } from "./ConfigFiles.ts"
import { parseConfigText } from "./ConfigText.ts"
import { FilterError } from "./FilterError.ts"
import { parseFilterRequest } from "./FilterRequest.ts"
import { type OptionSource, optionValue } from "./Interpolation.ts"
import { resolveOptionTags } from "./OptionTags.ts"

/** The options of a filter with every reference resolved: expressions of Python's `re` with fail2ban's tags. */
export interface FilterDefinition {
  /** What the caller named: a file or filter with its parameters, or the pattern itself. */
  readonly name: string
  readonly prefregex: string | undefined
  readonly failregex: ReadonlyArray<string>
  readonly ignoreregex: ReadonlyArray<string>
  readonly datepattern: string | undefined
  readonly usedns: string | undefined
  /** The lines that it is for, where that is known: those of packets, or those of the second log. */
  readonly reads?: "packets" | "scans"
}

/** The folders that are searched for a filter without a path, in this order. */
export const filterFolders: ReadonlyArray<string> = ["/usr/local/etc/fail2ban/filter.d", "/etc/fail2ban/filter.d"]

/**
 * Reads a filter as fail2ban does.
 *
 * @param request a path to a file, or the name of one of the system's filters; either may have parameters:
 *   `pfasciilogd[mode=aggressive]`
 */
export const readFilter = (
  request: string
): Effect.Effect<FilterDefinition, FilterError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { name, parameters } = yield* Effect.mapError(
      parseFilterRequest(request),
      (detail) => new FilterError({ reason: "syntax", filter: request, detail })
    )
    const files = yield* readConfigFiles(yield* pathsOf(name, request), request)
    return yield* defineFilter(files, parameters, request)
  })

/** Reads a filter from its text alone: files that it includes are not read. */
export const parseFilter = (
  text: string,
  name: string,
  parameters: ReadonlyMap<string, string>
): Either.Either<FilterDefinition, FilterError> => {
  const sections = parseConfigText(text)
  if (Either.isRight(sections)) return defineFilter([{ path: name, sections: sections.right }], parameters, name)
  const { line, problem } = sections.left
  return Either.left(new FilterError({ reason: "syntax", filter: name, detail: `line ${line}: ${problem}` }))
}

/** A filter that consists of one pattern. */
export const patternFilter = (pattern: string): FilterDefinition => ({
  name: pattern,
  prefregex: undefined,
  failregex: [pattern],
  ignoreregex: [],
  datepattern: undefined,
  usedns: undefined
})

const pathsOf = (
  name: string,
  request: string
): Effect.Effect<ReadonlyArray<string>, FilterError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const { basename, dirname, join } = yield* Path.Path
    const isFile = (path: string) =>
      fileSystem.stat(path).pipe(
        Effect.map((info) => info.type === "File"),
        Effect.orElseSucceed(() => false)
      )
    const folders = name.includes("/") ? [""] : ["", ...filterFolders]
    for (const folder of folders)
      for (const ending of ["", ".conf", ".local"]) {
        const path = join(folder, name + ending)
        if (!(yield* isFile(path))) continue
        return basename(dirname(path)) === "filter.d" ? yield* installedFiles(path) : [path]
      }
    const places = name.includes("/")
      ? `there is no file ${name}`
      : `no file of that name here or in ${filterFolders.join(", ")}`
    return yield* new FilterError({ reason: "not-found", filter: request, detail: places })
  })

/** Inside a folder `filter.d`, fail2ban takes the files `name.conf`, `name.d/*.conf`, `name.local` and `name.d/*.local`. */
const installedFiles = (path: string): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const base = path.replace(/\.[^./]*$/, "")
    const names = yield* fileSystem.readDirectory(`${base}.d`).pipe(Effect.orElseSucceed(() => []))
    const ending = (suffix: string) =>
      names
        .filter((name) => name.endsWith(suffix))
        .sort()
        .map((name) => join(`${base}.d`, name))
    return [`${base}.conf`, ...ending(".conf"), `${base}.local`, ...ending(".local")]
  })

/** The options of a filter that fail2ban reads, in its order (`FilterReader._configOpts`). */
const filterOptions = ["usedns", "prefregex", "ignoreregex", "failregex", "maxlines", "datepattern"]

const defineFilter = (
  files: ReadonlyArray<ConfigFile>,
  parameters: ReadonlyMap<string, string>,
  name: string
): Either.Either<FilterDefinition, FilterError> =>
  Either.gen(function* () {
    const fail = (reason: FilterError["reason"]) => (detail: string) =>
      new FilterError({ reason, filter: name, detail })
    const merged = mergeConfigFiles(files)
    const source: OptionSource = {
      ...merged,
      parameters: new Map([...parameters].map(([key, value]) => [key.toLowerCase(), value]))
    }
    const valueIn = (section: string, option: string) =>
      Either.mapLeft(optionValue(source, section, option), fail("syntax"))
    if (!merged.sections.has("Definition")) return yield* Either.left(fail("syntax")("it has no section [Definition]"))

    const combined = new Map<string, string>()
    for (const option of filterOptions) {
      const value = yield* valueIn("Definition", option)
      if (value !== undefined) combined.set(option, value)
    }
    for (const [option, value] of yield* initOptions(source, fail("syntax"))) combined.set(option, value)
    for (const [option, value] of parameters) combined.set(option, value)

    const resolved = yield* Either.mapLeft(
      resolveOptionTags(combined, (option) => definedOption(source, option)),
      fail("syntax")
    )
    const maxlines = resolved.get("maxlines")
    if (maxlines !== undefined && Number(maxlines) > 1)
      return yield* Either.left(
        fail("unsupported")(`maxlines = ${maxlines}: it matches over several lines, a packet has one`)
      )
    const definition: FilterDefinition = {
      name,
      prefregex: notEmpty(resolved.get("prefregex")),
      failregex: linesOf(resolved.get("failregex")),
      ignoreregex: linesOf(resolved.get("ignoreregex")),
      datepattern: notEmpty(resolved.get("datepattern")),
      usedns: notEmpty(resolved.get("usedns"))
    }
    if (definition.failregex.length === 0) return yield* Either.left(fail("syntax")("it has no failregex"))
    return definition
  })

/** `[Init]` gives defaults for the parameters, and `known/name` for what they replace. */
const initOptions = (
  source: OptionSource,
  fail: (detail: string) => FilterError
): Either.Either<Map<string, string>, FilterError> =>
  Either.gen(function* () {
    const options = new Map<string, string>()
    const bare = { ...source, parameters: new Map<string, string>() }
    for (const option of source.sections.get("Init")?.keys() ?? []) {
      const value = yield* Either.mapLeft(optionValue(bare, "Init", option), fail)
      if (value === undefined) continue
      options.set(option, value)
      options.set(`known/${option}`, value)
    }
    return options
  })

const definedOption = (source: OptionSource, option: string): string | undefined => {
  const bare = { ...source, parameters: new Map<string, string>() }
  const qualified = /^([\w-]+)\/([^\s>]+)$/.exec(option)
  const [, place = "", key = ""] = qualified ?? []
  if (place.toLowerCase() === "known") {
    const known = optionValue({ ...bare, sections: source.known }, "Definition", key)
    if (Either.isRight(known) && known.right !== undefined) return known.right
    return Either.getOrUndefined(optionValue(bare, "Definition", key))
  }
  if (qualified !== null) {
    const other = Either.getOrUndefined(optionValue(bare, place, key))
    if (other !== undefined) return other
  }
  return Either.getOrUndefined(optionValue(source, "Definition", option.toLowerCase()))
}

const notEmpty = (value: string | undefined): string | undefined => (value === "" ? undefined : value)

const linesOf = (value: string | undefined): ReadonlyArray<string> =>
  (value ?? "").split("\n").filter((line) => line !== "")
