import * as fs from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import { programFile } from "../host/Program.ts"
import { readSmallFile } from "../host/SmallFile.ts"
import { readJails } from "./Fail2banJails.ts"

/**
 * The enabled jails of fail2ban that follow a log, by fail2ban's own reading of its configuration; none where it doesn't answer
 * in time. It takes a quarter of a second, and is asked only where its files may name the log.
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

/** A log may have several names: a link, or a folder that is one. */
const identityOf = (path: string): Effect.Effect<string> =>
  Effect.promise(() =>
    fs
      .realpath(path)
      .catch(async () => join(await fs.realpath(dirname(path)).catch(() => dirname(path)), basename(path)))
  )

/** Where an installation has its configuration; that of a client elsewhere is not known, and so it is always asked. */
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
 * Whether a file of fail2ban's may mean a log: some word of it stands for the path, where patterns and references (`*`, `?`,
 * `[…]`, `%(…)s`) stand for anything; by another name it has at least the same last part.
 */
export const mayName = (text: string, log: string): boolean =>
  [...text.matchAll(/(?:%\([^)]*\)s|[^\s=,])*\/(?:%\([^)]*\)s|[^\s,])+/g)].some(([word]) => {
    const parts = word.split(/%\([^)]*\)s|\*|\?|\[[^\]]*\]/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    return new RegExp(`^${parts.join(".*")}$`).test(log) || basename(word) === basename(log)
  })
