import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { readSmallFile, type SmallFileError } from "../../host/SmallFile.ts"
import { defaultSection, parseConfigText, type Sections } from "./ConfigText.ts"
import { FilterError } from "./FilterError.ts"
import { optionValue } from "./Interpolation.ts"

/** A configuration file that has been read. */
export interface ConfigFile {
  readonly path: string
  readonly sections: Sections
}

/** Files merged in order: later ones win. */
export interface MergedConfig {
  readonly sections: Sections
  /** The value before the present one of each option, by section: `%(known/name)s`. */
  readonly known: Sections
}

/**
 * Reads configuration files with all that fail2ban reads with them: the files that `[INCLUDES]` names before and after, and beside
 * each file the one that ends in `.local`. As in fail2ban, an included file that does not exist is no error.
 *
 * @param paths the files to begin with; those that do not exist are left out
 * @param filter the name of the filter, for messages
 */
export const readConfigFiles = (
  paths: ReadonlyArray<string>,
  filter: string
): Effect.Effect<ReadonlyArray<ConfigFile>, FilterError, FileSystem.FileSystem | Path.Path> =>
  Effect.map(
    Effect.forEach(paths, (path) => readWithLocal(path, [], filter, paths)),
    (files) => files.flat()
  )

type FilesRead = Effect.Effect<ReadonlyArray<ConfigFile>, FilterError, FileSystem.FileSystem | Path.Path>

const readWithLocal = (
  path: string,
  seen: ReadonlyArray<string>,
  filter: string,
  listed: ReadonlyArray<string> = []
): FilesRead =>
  Effect.gen(function* () {
    const local = path.replace(/\.[^./]*$/, "").concat(".local")
    const own = yield* readWithIncludes(path, seen, filter)
    if (local === path || listed.includes(local)) return own
    return [...own, ...(yield* readWithIncludes(local, seen, filter))]
  })

/** How deep fail2ban follows includes until it reaches Python's limit of recursion (1,000 calls, two for each file). */
const deepest = 480

const readWithIncludes = (path: string, seen: ReadonlyArray<string>, filter: string): FilesRead =>
  Effect.gen(function* () {
    const { dirname, isAbsolute } = yield* Path.Path
    if (seen.length > deepest)
      return yield* syntaxError(filter, `${path}: its [INCLUDES] lead round in a circle, which fail2ban refuses`)
    const bytes = yield* readSmallFile(path).pipe(
      Effect.map(Option.some),
      Effect.catchIf(isPassedOver, () => Effect.succeed(Option.none<Buffer>())),
      Effect.mapError(unreadable(filter))
    )
    const text = Option.flatMap(bytes, decodeText)
    if (Option.isNone(text)) return []
    const parsed = parseConfigText(text.value)
    if (Either.isLeft(parsed)) {
      const { line, problem } = parsed.left
      return yield* syntaxError(filter, `${path}, line ${line}: ${problem}`)
    }
    const included = (option: string) =>
      Effect.gen(function* () {
        const source = { sections: parsed.right, known: new Map(), parameters: new Map() }
        const value = optionValue({ ...source }, "INCLUDES", option)
        if (Either.isLeft(value)) return yield* syntaxError(filter, `${path}: ${value.left}`)
        const names = (value.right ?? "").split("\n").filter((name) => name !== "")
        // The path is not normalised: fail2ban recognises a file that it has read by the exact text of its path.
        const resolved = names.map((name) => (isAbsolute(name) ? name : `${dirname(path)}/${name}`))
        const fresh = resolved.filter((name) => !seen.includes(name))
        return (yield* Effect.forEach(fresh, (name) => readWithLocal(name, [...seen, path], filter))).flat()
      })
    const hasIncludes = parsed.right.has("INCLUDES")
    const before = hasIncludes ? yield* included("before") : []
    const after = hasIncludes ? yield* included("after") : []
    return [...before, { path, sections: parsed.right }, ...after]
  })

const syntaxError = (filter: string, detail: string): FilterError =>
  new FilterError({ reason: "syntax", filter, detail })

/** Python's configparser skips a file that does not exist, and one whose path is too long. */
const isPassedOver = ({ reason, why }: SmallFileError): boolean => reason === "missing" || why === "ENAMETOOLONG"

/** Reads UTF-8, and keeps a byte order mark as a character; fail2ban skips a file that is not UTF-8. */
const decodeText = (bytes: Uint8Array): Option.Option<string> =>
  Option.liftThrowable(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))()

const unreadable = (filter: string) => (cause: SmallFileError) =>
  new FilterError({ reason: "not-found", filter, detail: `${cause.path} cannot be read: ${cause.why}`, cause })

/** Merges files as fail2ban does; `[Init?family=inet6]` gives options `name?family=inet6` of `[Init]`. */
export const mergeConfigFiles = (files: ReadonlyArray<ConfigFile>): MergedConfig => {
  const sections: Sections = new Map()
  const known: Sections = new Map()
  for (const file of files)
    for (const [fullName, options] of file.sections) {
      const [name = fullName, condition = ""] = /^(\w+)(\?.+)$/.exec(fullName)?.slice(1) ?? [fullName]
      const merged = sections.get(name) ?? new Map<string, string>()
      const replaced = known.get(name) ?? new Map<string, string>()
      for (const [option, value] of options) {
        const key = option + condition
        const before = merged.get(key)
        if (before !== undefined && name !== defaultSection) replaced.set(key, before)
        merged.set(key, value)
      }
      sections.set(name, merged)
      known.set(name, replaced)
    }
  return { sections, known }
}
