import * as fs from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { systemCall } from "../Errno.ts"
import { readStart } from "../SmallFile.ts"

/** A file that a pattern names. */
export interface MatchingFile {
  /** Its path as the pattern names it, without the root. */
  readonly path: string
  /** Its text, one character a byte. */
  readonly text: string
}

/** No lease file or configuration is longer; what follows is not read. */
const mostBytes = 1024 * 1024

/**
 * Reads the files that a pattern names, where `*` stands for anything within one name. A file that is missing, can't be read or
 * is no regular file is left out.
 */
export const readMatchingFiles = (root: string, pattern: string): Effect.Effect<ReadonlyArray<MatchingFile>> =>
  Effect.gen(function* () {
    const paths = pattern.includes("*") ? yield* expand(root, pattern) : [pattern]
    const files = yield* Effect.forEach(paths, (path) =>
      readStart(join(root, path), mostBytes).pipe(
        Effect.map((bytes) => [{ path, text: bytes.toString("latin1") }]),
        Effect.orElseSucceed(() => [])
      )
    )
    return files.flat()
  })

const expand = (root: string, pattern: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const folder = dirname(pattern)
    const folders = folder.includes("*") ? yield* expand(root, folder) : [folder]
    const wanted = nameMatcher(pattern.slice(folder.length + 1))
    const found = yield* Effect.forEach(folders, (each) =>
      Effect.map(listFolder(join(root, each)), (names) =>
        names.filter((name) => wanted.test(name)).map((name) => `${each}/${name}`)
      )
    )
    return found.flat().sort()
  })

// As in a shell, `*` does not match a name that begins with a dot.
const nameMatcher = (pattern: string): RegExp =>
  new RegExp(`^(?!\\.)${pattern.replace(/[.\\+?^$()[\]{}|]/g, "\\$&").replaceAll("*", ".*")}$`)

const listFolder = (path: string): Effect.Effect<ReadonlyArray<string>> =>
  systemCall<Array<string>>((done) => fs.readdir(path, done)).pipe(Effect.orElseSucceed(() => []))
