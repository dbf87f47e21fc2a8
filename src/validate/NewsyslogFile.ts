import * as fs from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { readSmallFile } from "../host/SmallFile.ts"
import type { HostFiles } from "../host/System.ts"
import { type NewsyslogEntry, readFreeBsdLine, readOpenBsdLine } from "./NewsyslogLine.ts"

/** What newsyslog reads: its lines, and what it complains about. */
export interface Newsyslog {
  readonly entries: ReadonlyArray<NewsyslogEntry>
  /** Files that are included a second time, which newsyslog skips: `PLACE includes FILE`. */
  readonly repeated: ReadonlyArray<string>
}

type NewsyslogFiles = Pick<HostFiles, "newsyslogConf" | "newsyslogIncludes" | "newsyslogDialect">

/** All lines of newsyslog's configuration, included files too; none where this host has no such configuration. */
export const readNewsyslog = (files: NewsyslogFiles): Effect.Effect<Newsyslog | undefined> =>
  Effect.gen(function* () {
    if (files.newsyslogDialect === "openbsd") return yield* readOpenBsd(files.newsyslogConf)
    const hasMain = (yield* readLines(files.newsyslogConf)) !== undefined
    const first = hasMain ? [files.newsyslogConf] : yield* expandAll(files.newsyslogIncludes)
    const newsyslog = yield* readQueue(first)
    return hasMain || newsyslog.entries.length > 0 ? newsyslog : undefined
  })

const readLines = (file: string): Effect.Effect<ReadonlyArray<string> | undefined> =>
  readSmallFile(file).pipe(
    Effect.map((content) => content.toString().split("\n")),
    Effect.orElseSucceed(() => undefined)
  )

const readOpenBsd = (file: string): Effect.Effect<Newsyslog | undefined> =>
  Effect.map(readLines(file), (lines) => {
    if (lines === undefined) return undefined
    const entries = lines.map((line, index) => readOpenBsdLine(`${file}:${index + 1}`, line))
    return { entries: entries.filter((entry) => entry !== undefined), repeated: [] }
  })

/** FreeBSD's newsyslog puts included files into a queue, and skips a file that is in it already. */
const readQueue = (first: ReadonlyArray<string>): Effect.Effect<Newsyslog> =>
  Effect.gen(function* () {
    const queue = [...first]
    const entries: Array<NewsyslogEntry> = []
    const repeated: Array<string> = []
    // The queue grows while it is read.
    for (const file of queue) {
      const lines = (yield* readLines(file)) ?? []
      for (const [index, line] of lines.entries()) {
        const place = `${file}:${index + 1}`
        const read = readFreeBsdLine(place, line)
        if (read === undefined) continue
        if (read._tag === "Entry") {
          entries.push(read.entry)
          continue
        }
        for (const included of yield* Effect.promise(() => expand(read.pattern))) {
          if (queue.includes(included)) repeated.push(`${place} includes ${included}`)
          else queue.push(included)
        }
      }
    }
    return { entries, repeated }
  })

const expandAll = (patterns: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => (await Promise.all(patterns.map(expand))).flat())

const isPattern = (text: string): boolean => /[*?[]/.test(text)

/** The files that a path or a pattern of glob(3) matches, sorted. */
const expand = async (pattern: string): Promise<ReadonlyArray<string>> => {
  let found: ReadonlyArray<string> = [pattern.startsWith("/") ? "/" : "."]
  for (const part of pattern.split("/").filter((name) => name !== "")) {
    const deeper = found.map(async (folder) => {
      if (!isPattern(part)) return [join(folder, part)]
      const names = await fs.readdir(folder).catch(() => [])
      // As in a shell, only a dot in the pattern matches a dot at the beginning of a name.
      const matching = names.filter(
        (name) => shellPattern(part).test(name) && name.startsWith(".") <= part.startsWith(".")
      )
      return matching.sort().map((name) => join(folder, name))
    })
    found = (await Promise.all(deeper)).flat()
  }
  return found
}

/** A pattern of glob(3) as a regular expression. */
const shellPattern = (pattern: string): RegExp => {
  const parts = pattern.match(/\[[^\]]+\]|[^[]|\[/g) ?? []
  const source = parts.map((part) => {
    if (part === "*") return "[^/]*"
    if (part === "?") return "[^/]"
    return part.length > 1 ? part.replace(/^\[!/, "[^") : part.replace(/[\\^$.|+(){}[\]]/, "\\$&")
  })
  return new RegExp(`^${source.join("")}$`)
}

/**
 * The lines that rotate a log: those that name it, or else the first one with a matching pattern (flag G), since newsyslog
 * passes over a file that has an entry already.
 */
export const entriesFor = (log: string, entries: ReadonlyArray<NewsyslogEntry>): ReadonlyArray<NewsyslogEntry> => {
  const named = entries.filter((entry) => !entry.isPattern && entry.log === log)
  if (named.length > 0) return named
  return entries.filter((entry) => entry.isPattern && shellPattern(entry.log).test(log)).slice(0, 1)
}
