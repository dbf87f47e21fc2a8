import * as fs from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import type { HostFiles } from "../host/System.ts"

/** One line of newsyslog.conf(5). */
export interface NewsyslogEntry {
  /** The configuration file that has the line, and the line's number. */
  readonly place: string
  /** Whether the line is about a log. */
  readonly covers: (log: string) => boolean
  readonly mode: string
  readonly flags: string
  /** The pid file, or a command where the flags have R. */
  readonly pidFile: string | undefined
  readonly signal: string | undefined
}

/** All lines of newsyslog's configuration, included files too; none where this host has no such configuration. */
export const readNewsyslog = (
  files: Pick<HostFiles, "newsyslogConf" | "newsyslogIncludes">
): Effect.Effect<ReadonlyArray<NewsyslogEntry> | undefined> =>
  Effect.promise(async () => {
    const main = await readLines(files.newsyslogConf)
    if (main !== undefined) return entriesOf(files.newsyslogConf, main)
    const included = await Promise.all(files.newsyslogIncludes.map(readIncluded))
    return included.some((entries) => entries.length > 0) ? included.flat() : undefined
  })

const readLines = (file: string): Promise<ReadonlyArray<string> | undefined> =>
  fs.readFile(file, "utf8").then(
    (content) => content.split("\n"),
    () => undefined
  )

const entriesOf = async (file: string, lines: ReadonlyArray<string>): Promise<ReadonlyArray<NewsyslogEntry>> => {
  const entries = await Promise.all(
    lines.map(async (line, index) => {
      const [first = "", ...rest] = line
        .replace(/(?<!\\)#.*/, "")
        .trim()
        .split(/\s+/)
      if (first === "<include>") return readIncluded(rest[0] ?? "")
      return first === "" || rest.length < 4 ? [] : [entryOf(`${file}:${index + 1}`, first, rest)]
    })
  )
  return entries.flat()
}

const readIncluded = async (pattern: string): Promise<ReadonlyArray<NewsyslogEntry>> => {
  const folder = dirname(pattern)
  const names = await fs.readdir(folder).catch(() => [])
  const matching = names.filter((name) => shellPattern(basename(pattern)).test(name)).sort()
  const entries = await Promise.all(
    matching.map(async (name) => entriesOf(join(folder, name), (await readLines(join(folder, name))) ?? []))
  )
  return entries.flat()
}

// logfilename [owner:group] mode count size when flags [/pid_file] [sig_num]
const entryOf = (place: string, log: string, fields: ReadonlyArray<string>): NewsyslogEntry => {
  const [mode = "", , , , flags = "", ...after] = /^\d+$/.test(fields[0] ?? "") ? fields : fields.slice(1)
  const [pidFile, signal] = after[0]?.startsWith("/") ? after : [undefined, after[0]]
  const pattern = shellPattern(log)
  return {
    place,
    covers: flags.includes("G") ? (name) => pattern.test(name) : (name) => name === log,
    mode,
    flags: flags === "-" ? "" : flags,
    pidFile,
    signal
  }
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
