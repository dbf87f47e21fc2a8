import * as fs from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import { programFile } from "../host/Program.ts"
import { readSmallFile } from "../host/SmallFile.ts"
import { readJails } from "./Fail2banJails.ts"

/**
 * The enabled jails of fail2ban that follow a log, as fail2ban itself reads its configuration; none where it does not answer in
 * time. Asking it takes a quarter of a second, so it is asked only where its files may name the log.
 */
export const jailsFollowing = (log: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    if (!(yield* mayBeFollowed(log))) return []
    const read = yield* readJails
    if (read._tag !== "Jails") return []
    const ours = yield* identityOf(log)
    const following = yield* Effect.filter(read.jails, ({ logs }) =>
      Effect.map(Effect.forEach(logs, identityOf), (identities) => identities.includes(ours))
    )
    return following.map(({ name }) => name)
  })

/** The same for all names of a file: its path may lead through links. */
const identityOf = (path: string): Effect.Effect<string> =>
  Effect.promise(() =>
    fs
      .realpath(path)
      .catch(async () => join(await fs.realpath(dirname(path)).catch(() => dirname(path)), basename(path)))
  )

/** Where a client in this folder has its configuration. Elsewhere it is unknown, so such a client is always asked. */
const configurations: Readonly<Record<string, string>> = {
  "/usr/local/bin": "/usr/local/etc/fail2ban",
  "/usr/bin": "/etc/fail2ban"
}

const mayBeFollowed = (log: string): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const client = yield* Effect.promise(() => programFile("fail2ban-client"))
    if (client === undefined) return false
    const folder = configurations[dirname(client)]
    if (folder === undefined) return true
    const names = [
      ...(yield* namesIn(folder)),
      ...(yield* namesIn(join(folder, "jail.d"))).map((name) => `jail.d/${name}`)
    ]
    const texts = yield* Effect.forEach(
      names.filter((name) => /\.(conf|local)$/.test(name)),
      (name) => Effect.orElseSucceed(Effect.map(readSmallFile(join(folder, name)), String), () => ""),
      { concurrency: "unbounded" }
    )
    return texts.some((text) => mayName(text, resolve(log)))
  })

const namesIn = (folder: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(() => fs.readdir(folder).catch(() => []))

/**
 * Whether a configuration file of fail2ban may name a log: one of its words matches the path, with patterns and references (`*`,
 * `?`, `[…]`, `%(…)s`) that match anything, or has at least the same last part, since the log may have another name.
 */
export const mayName = (text: string, log: string): boolean =>
  [...text.matchAll(/(?:%\([^)]*\)s|[^\s=,])*\/(?:%\([^)]*\)s|[^\s,])+/g)].some(([word]) => {
    const parts = word.split(/%\([^)]*\)s|\*|\?|\[[^\]]*\]/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    return new RegExp(`^${parts.join(".*")}$`).test(log) || basename(word) === basename(log)
  })
