import * as fs from "node:fs"
import { dirname, isAbsolute, join } from "node:path"
import * as Effect from "effect/Effect"
import { type Errno, systemCall } from "./Errno.ts"

/**
 * Who can change the names in a folder, apart from root and us.
 *
 * - `private`: nobody
 * - `sticky`: others can add names, but not change ours (/tmp)
 * - `group`: a group can change them (/var/log of Ubuntu, /var/run of macOS)
 * - `open`: another user, who owns it, or everybody
 * - `loose`: others can put another folder in its place, so that its path can lead anywhere
 */
export type Openness = "private" | "sticky" | "group" | "open" | "loose"

/** A folder, and how safe it is. */
export interface Folder {
  readonly openness: Openness
  /** The user and the group that own it. */
  readonly owner: number
  readonly group: number
  /** Who can do what: "user 65534 owns /srv/metrics". Empty where it is private or sticky. */
  readonly why: string
  /** The command that takes that right away. Empty where it is private or sticky. */
  readonly remedy: string
}

/** The most links in a path; the kernels stop at 32 or 40. */
const mostLinks = 40

/** Judges the folder that contains a file, along its whole path. */
export const folderOf = (file: string): Effect.Effect<Folder, Errno> => judgeFolder(dirname(file))

/**
 * Judges a folder along its path: where others can replace a folder or a link on the way, all that follows is `loose`. Looks the
 * names up one by one, as the kernel does, so that links are judged as well as their targets.
 */
export const judgeFolder = (path: string): Effect.Effect<Folder, Errno> =>
  Effect.gen(function* () {
    const names = partsOf(isAbsolute(path) ? path : join(process.cwd(), "/") + path)
    let here = "/"
    let stats = yield* look(here)
    let links = 0
    let loose: Pick<Folder, "why" | "remedy"> | undefined
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      if (name === "..") {
        here = dirname(here)
        stats = yield* look(here)
        continue
      }
      const next = join(here, name)
      const found = yield* look(next)
      // In a sticky folder only the entry's owner can replace it.
      if (othersCanReplace(stats, found)) {
        loose ??= opennessOf(stats) === "sticky" ? describe(next, found) : describe(here, stats)
      }
      if (found.isSymbolicLink()) {
        links += 1
        if (links > mostLinks) return yield* Effect.fail(tooManyLinks(path))
        const target = yield* systemCall<string>((done) => fs.readlink(next, done))
        names.unshift(...partsOf(target))
        if (!isAbsolute(target)) continue
        here = "/"
        stats = yield* look(here)
        continue
      }
      if (!found.isDirectory()) return yield* Effect.fail(noFolder(next))
      here = next
      stats = found
    }
    const openness = loose === undefined ? opennessOf(stats) : "loose"
    const isSafe = openness === "private" || openness === "sticky"
    return {
      openness,
      owner: stats.uid,
      group: stats.gid,
      ...(isSafe ? { why: "", remedy: "" } : (loose ?? describe(here, stats)))
    }
  })

/** Whether a user is root, or the one that we run as: no other user's files are trusted. */
export const isTrusted = (user: number | bigint): boolean => Number(user) === 0 || Number(user) === ourselves()

const ourselves = () => process.geteuid?.() ?? 0

const look = (path: string) => systemCall<fs.Stats>((done) => fs.lstat(path, done))

const partsOf = (path: string): Array<string> => path.split("/").filter((name) => name !== "" && name !== ".")

const othersCanReplace = (folder: fs.Stats, entry: fs.Stats): boolean => {
  const openness = opennessOf(folder)
  return openness === "sticky" ? !isTrusted(entry.uid) : openness !== "private"
}

const opennessOf = ({ uid, gid, mode }: fs.Stats): Openness => {
  if (!isTrusted(uid)) return "open"
  const byEverybody = (mode & 0o002) !== 0
  const byGroup = (mode & 0o020) !== 0 && !isOwnGroup(gid)
  if (!byEverybody && !byGroup) return "private"
  if ((mode & 0o1000) !== 0) return "sticky"
  return byEverybody ? "open" : "group"
}

/** On most systems a user is alone in the primary group, and the umask leaves it the right to write. Root has no such group. */
const isOwnGroup = (group: number): boolean => ourselves() !== 0 && group === process.getegid?.()

const describe = (path: string, { uid, gid, mode }: fs.Stats): Pick<Folder, "why" | "remedy"> => {
  if (!isTrusted(uid)) return { why: `user ${uid} owns ${path}`, remedy: `chown ${ourselves()} ${path}` }
  return (mode & 0o002) !== 0
    ? { why: `everybody can write to ${path}`, remedy: `chmod go-w ${path}` }
    : { why: `group ${gid} can write to ${path}`, remedy: `chmod g-w ${path}` }
}

const tooManyLinks = (path: string): Errno => Object.assign(new Error(`too many links: ${path}`), { code: "ELOOP" })

const noFolder = (path: string): Errno => Object.assign(new Error(`not a folder: ${path}`), { code: "ENOTDIR" })
