import * as fs from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import { type Errno, systemCall } from "../host/Errno.ts"
import { lockPathOf } from "../host/FileLock.ts"
import { searchPath } from "../host/System.ts"
import { type Configuration, type PlacedSetting, placedSettings } from "./Configuration.ts"
import type { Access } from "./Setting.ts"

/** A file that the configuration names, or one that comes with it, such as its lock. */
interface NamedFile {
  /** Its name in a message: `log.file (--log-file) /var/log/pf.log`. */
  readonly name: string
  readonly access: Access
  /** A path, or the descriptor of a file that is open already. */
  readonly file: string | number
}

/**
 * Reports every pair of names that lead to the same file, by links, hard links or another spelling, where one of the two is
 * written: that would destroy the other.
 *
 * @param configurationFile the path of the file that the configuration was read from, if there is one
 */
export const sameFiles = (
  configuration: Configuration,
  configurationFile: string | undefined
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const named = namedFiles(configuration, configurationFile)
    const files = yield* Effect.forEach(
      named,
      (file) => Effect.map(identitiesOf(file), (identities) => ({ ...file, identities })),
      { concurrency: "unbounded" }
    )
    return files.flatMap((one, index) =>
      files
        .slice(index + 1)
        .filter(
          (other) =>
            (one.access === "written" || other.access === "written") &&
            other.identities.some((identity) => one.identities.includes(identity))
        )
        .map((other) => `${one.name} and ${other.name} are the same file: give each a path of its own.`)
    )
  })

const namedFiles = (configuration: Configuration, configurationFile: string | undefined): ReadonlyArray<NamedFile> => [
  ...placedSettings.flatMap((placed) => filesOf(configuration, placed)),
  ...(configurationFile === undefined
    ? []
    : [{ name: `the configuration file ${configurationFile}`, access: "read", file: configurationFile } as const]),
  // Messages that are redirected into the log would stand between its lines, without a time.
  { name: "standard error", access: "written", file: standardError }
]

const [standardInput, standardError] = [0, 2]

const filesOf = (
  configuration: Configuration,
  { section, property, key, setting }: PlacedSetting
): ReadonlyArray<NamedFile> => {
  const { access, flag } = setting
  if (access === undefined) return []
  const sections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = configuration
  const value = sections[section]?.[property]
  const paths = (Array.isArray(value) ? value : [value]).filter((path) => typeof path === "string" && path !== "")
  return paths.flatMap((path: string): ReadonlyArray<NamedFile> => {
    const name = `${section}.${key} (--${flag}) ${path}`
    if (access === "read") return [{ name, access, file: path === "-" ? standardInput : path }]
    if (access === "run") return [{ name, access, file: path }]
    return [
      { name, access, file: path },
      { name: `the lock of ${name}`, access, file: lockPathOf(path) }
    ]
  })
}

/** What all names of a file have in common: its number or, where it does not exist yet, the path to which all links lead. */
const identitiesOf = ({ access, file }: NamedFile): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const path = typeof file === "number" || access !== "run" || file.includes("/") ? file : yield* onPath(file)
    const number = yield* Effect.option(numberOf(path))
    if (number._tag === "Some") return [number.value]
    return typeof path === "number" ? [] : [yield* whereItLeads(resolve(path), mostLinks)]
  })

/** Finds a program without a slash in its name in the folders from which we would start it. */
const onPath = (program: string): Effect.Effect<string> =>
  Effect.firstSuccessOf(
    searchPath(process.env["PATH"])
      .split(":")
      .map((folder) => Effect.as(numberOf(join(folder, program)), join(folder, program)))
  ).pipe(Effect.orElseSucceed(() => program))

/** Standard input and standard error count only where they are regular files. */
const numberOf = (file: string | number): Effect.Effect<string, Errno | "no file"> =>
  systemCall<fs.BigIntStats>((done) =>
    typeof file === "number" ? fs.fstat(file, { bigint: true }, done) : fs.stat(file, { bigint: true }, done)
  ).pipe(
    Effect.filterOrFail(
      (stats) => typeof file === "string" || stats.isFile(),
      () => "no file" as const
    ),
    Effect.map(({ dev, ino }) => `${dev}:${ino}`)
  )

const mostLinks = 40

/** The path of a file that does not exist, with all links followed: those on its way, and one under its own name. */
const whereItLeads = (path: string, linksLeft: number): Effect.Effect<string> =>
  systemCall<string>((done) => fs.readlink(path, done)).pipe(
    Effect.map((target) => resolve(dirname(path), target)),
    Effect.flatMap((target) => (linksLeft === 0 ? Effect.succeed(path) : whereItLeads(target, linksLeft - 1))),
    Effect.orElse(() =>
      systemCall<string>((done) => fs.realpath(path, done)).pipe(
        Effect.orElse(() =>
          dirname(path) === path
            ? Effect.succeed(path)
            : Effect.map(whereItLeads(dirname(path), linksLeft), (folder) => join(folder, basename(path)))
        )
      )
    )
  )
