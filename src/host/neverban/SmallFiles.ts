import * as fs from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { type Errno, systemCall } from "../Errno.ts"

/** A file that was read. */
export interface SmallFile {
  /** As the pattern names it, without the root. */
  readonly path: string
  readonly text: string
}

/** More than any lease file or configuration has: beyond it nothing is read. */
const mostBytes = 1024 * 1024

/** Reads the files that a pattern names, `*` standing for anything within one name; what is missing or no plain file is left out. */
export const readSmallFiles = (root: string, pattern: string): Effect.Effect<ReadonlyArray<SmallFile>> =>
  Effect.gen(function* () {
    const paths = pattern.includes("*") ? yield* expand(root, pattern) : [pattern]
    const texts = yield* Effect.forEach(paths, (path) => readStart(join(root, path)))
    return paths.flatMap((path, index) => {
      const text = texts[index]
      return text === undefined ? [] : [{ path, text }]
    })
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

// As a shell does: a name that begins with a dot is none of `*`.
const nameMatcher = (pattern: string): RegExp =>
  new RegExp(`^(?!\\.)${pattern.replace(/[.\\+?^$()[\]{}|]/g, "\\$&").replaceAll("*", ".*")}$`)

const listFolder = (path: string): Effect.Effect<ReadonlyArray<string>> =>
  systemCall<Array<string>>((done) => fs.readdir(path, done)).pipe(Effect.orElseSucceed(() => []))

/** The text of a plain file, one character a byte; opening a FIFO or a device doesn't wait. */
const readStart = (path: string): Effect.Effect<string | undefined> =>
  Effect.acquireUseRelease(
    systemCall<number>((done) => fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK, done)),
    (descriptor) =>
      Effect.gen(function* () {
        const stats = yield* systemCall<fs.Stats>((done) => fs.fstat(descriptor, done))
        if (!stats.isFile()) return undefined
        return yield* readUpTo(descriptor, Buffer.alloc(mostBytes), 0)
      }),
    (descriptor) => Effect.ignore(systemCall<void>((done) => fs.close(descriptor, done)))
  ).pipe(Effect.orElseSucceed(() => undefined))

const readUpTo = (descriptor: number, bytes: Buffer, length: number): Effect.Effect<string, Errno> =>
  Effect.flatMap(
    systemCall<number>((done) => fs.read(descriptor, bytes, length, bytes.length - length, null, done)),
    (count) =>
      count === 0 || length + count === bytes.length
        ? Effect.succeed(bytes.toString("latin1", 0, length + count))
        : readUpTo(descriptor, bytes, length + count)
  )
