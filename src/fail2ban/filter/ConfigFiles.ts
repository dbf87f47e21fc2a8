import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { defaultSection, parseConfigText, type Sections } from "./ConfigText.ts"
import { FilterError } from "./FilterError.ts"
import { optionValue } from "./Interpolation.ts"

/** One configuration file, read. */
export interface ConfigFile {
  readonly path: string
  readonly sections: Sections
}

/** Files merged in order: later ones win. */
export interface MergedConfig {
  readonly sections: Sections
  /** The values that were replaced last, by section. */
  readonly known: Sections
}

/**
 * Reads a configuration file with all that fail2ban reads with it: what `[INCLUDES]` names before and after, and beside each
 * file the one that ends in `.local`. What is included and missing is passed over, as fail2ban does.
 *
 * @param paths the files to begin with; those that don't exist are left out
 * @param filter what was asked for, for messages
 */
export const readConfigFiles = (
  paths: ReadonlyArray<string>,
  filter: string
): Effect.Effect<ReadonlyArray<ConfigFile>, FilterError, FileSystem.FileSystem | Path.Path> =>
  Effect.map(
    Effect.forEach(paths, (path) => readWithLocal(path, [], filter, paths)),
    (files) => files.flat()
  )

type Reading = Effect.Effect<ReadonlyArray<ConfigFile>, FilterError, FileSystem.FileSystem | Path.Path>

const readWithLocal = (
  path: string,
  seen: ReadonlyArray<string>,
  filter: string,
  listed: ReadonlyArray<string> = []
): Reading =>
  Effect.gen(function* () {
    const local = path.replace(/\.[^./]*$/, "").concat(".local")
    const own = yield* readWithIncludes(path, seen, filter)
    if (local === path || listed.includes(local)) return own
    return [...own, ...(yield* readWithIncludes(local, seen, filter))]
  })

const readWithIncludes = (path: string, seen: ReadonlyArray<string>, filter: string): Reading =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const { dirname, isAbsolute, join } = yield* Path.Path
    if (!(yield* fileSystem.exists(path).pipe(Effect.orElseSucceed(() => false)))) return []
    const text = yield* fileSystem.readFileString(path).pipe(Effect.mapError(unreadable(path, filter)))
    const parsed = parseConfigText(text)
    if (Either.isLeft(parsed)) {
      const { line, problem } = parsed.left
      return yield* new FilterError({ reason: "syntax", filter, detail: `${path}, line ${line}: ${problem}` })
    }
    const included = (option: string) =>
      Effect.gen(function* () {
        const source = { sections: parsed.right, known: new Map(), parameters: new Map() }
        const value = optionValue({ ...source }, "INCLUDES", option)
        if (Either.isLeft(value))
          return yield* new FilterError({ reason: "syntax", filter, detail: `${path}: ${value.left}` })
        const names = (value.right ?? "").split("\n").filter((name) => name !== "")
        const resolved = names.map((name) => (isAbsolute(name) ? name : join(dirname(path), name)))
        const fresh = resolved.filter((name) => !seen.includes(name) && name !== path)
        return (yield* Effect.forEach(fresh, (name) => readWithLocal(name, [...seen, path], filter))).flat()
      })
    const hasIncludes = parsed.right.has("INCLUDES")
    const before = hasIncludes ? yield* included("before") : []
    const after = hasIncludes ? yield* included("after") : []
    return [...before, { path, sections: parsed.right }, ...after]
  })

const unreadable = (path: string, filter: string) => (cause: PlatformError.PlatformError) =>
  new FilterError({ reason: "not-found", filter, detail: `${path} can't be read: ${cause.message}`, cause })

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
