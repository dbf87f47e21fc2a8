import * as fs from "node:fs"
import { join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Errno, explain, systemCall } from "../../host/Errno.ts"
import { temporaryFolder } from "../../host/TemporaryFolder.ts"
import { type ClientDump, ClientDumpError, readClientDump } from "./ClientDump.ts"

/** Where fail2ban keeps its configuration: FreeBSD's ports first, then other systems. */
export const configurationFolders: ReadonlyArray<string> = ["/usr/local/etc/fail2ban", "/etc/fail2ban"]

/** How jail.d of a copy differs from the original. */
export interface ChangedFiles {
  /** The names of files that are left out. */
  readonly without: ReadonlyArray<string>
  /** The texts of further files by name; they replace those of the same name. */
  readonly files: ReadonlyMap<string, string>
}

/** The files of jail.d as they are. */
export const unchanged: ChangedFiles = { without: [], files: new Map() }

/**
 * What fail2ban makes of a configuration folder as if jail.d were changed, with one jail enabled whether it is or not. The
 * folder itself stays as it is: a file that breaks the configuration would keep fail2ban from its next start.
 */
export const readChangedDump = (
  folder: string,
  jail: string,
  { without, files }: ChangedFiles
): Effect.Effect<ClientDump, ClientDumpError> =>
  Effect.gen(function* () {
    const copy = yield* copyOfLinks(resolve(folder), [...without, ...files.keys()])
    for (const [name, text] of files) yield* write(join(copy, "jail.d", name), text)
    // fail2ban leaves a jail out whose log does not exist, as on a machine that only has a copy of the configuration.
    const enabling = `[${jail}]\nenabled = true\nlogpath = /dev/null\n[recidive]\nlogpath = /dev/null\n`
    yield* write(join(copy, "jail.d", lastName), enabling)
    return copy
  }).pipe(
    Effect.mapError(
      (error) => new ClientDumpError({ reason: "unreadable", why: `${error.path ?? folder}: ${explain(error)}` })
    ),
    Effect.flatMap(readClientDump),
    Effect.scoped
  )

// Sorts after every other file of jail.d.
const lastName = "~pfasciilogd-trial.local"

/** A folder of links to all files of fail2ban's folder except some of jail.d. It is removed with the scope. */
const copyOfLinks = (folder: string, without: ReadonlyArray<string>): Effect.Effect<string, Errno, Scope.Scope> =>
  Effect.gen(function* () {
    const copy = yield* temporaryFolder("pfasciilogd-fail2ban-", (path) =>
      fs.rmSync(path, { recursive: true, force: true })
    )
    const names = yield* namesIn(folder)
    yield* link(folder, copy, names, ["jail.d"])
    yield* systemCall<void>((done) => fs.mkdir(join(copy, "jail.d"), done))
    if (!names.includes("jail.d")) return copy
    yield* link(join(folder, "jail.d"), join(copy, "jail.d"), yield* namesIn(join(folder, "jail.d")), without)
    return copy
  })

const link = (from: string, to: string, names: ReadonlyArray<string>, without: ReadonlyArray<string>) =>
  Effect.forEach(
    names.filter((name) => !without.includes(name)),
    (name) => systemCall<void>((done) => fs.symlink(join(from, name), join(to, name), done)),
    { discard: true }
  )

const namesIn = (folder: string) => systemCall<Array<string>>((done) => fs.readdir(folder, done))

const write = (path: string, text: string) => systemCall<void>((done) => fs.writeFile(path, text, { flag: "wx" }, done))
