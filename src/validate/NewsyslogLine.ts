/** One line of newsyslog.conf(5). */
export interface NewsyslogEntry {
  /** The configuration file that has the line, and the line's number. */
  readonly place: string
  /** The log's path, or a pattern of glob(3) where `isPattern`. */
  readonly log: string
  readonly isPattern: boolean
  readonly mode: string
  /** In upper case. */
  readonly flags: string
  readonly pidFile: string | undefined
  /** What newsyslog runs in place of a signal. */
  readonly command: string | undefined
  /** A name or a number, as written; newsyslog's own default is HUP. */
  readonly signal: string | undefined
}

/** A line of FreeBSD's newsyslog.conf, read; NetBSD, DragonFly and macOS share its form. */
export type FreeBsdLine =
  | { readonly _tag: "Entry"; readonly entry: NewsyslogEntry }
  | { readonly _tag: "Include"; readonly pattern: string }

/** Reads `logfilename [owner:group] mode count size when [flags] [/pid_file] [signal]`, or `<include> FILE`. */
export const readFreeBsdLine = (place: string, line: string): FreeBsdLine | undefined => {
  const [first = "", ...rest] = withoutComment(line).trim().split(/\s+/)
  const marker = first.toLowerCase()
  if (marker === "<include>") return rest[0] === undefined ? undefined : { _tag: "Include", pattern: rest[0] }
  if (first === "" || marker === "<default>" || marker === "<debug>") return undefined
  const fields = withoutOwner(rest)
  if (fields.length < 4) return undefined
  const [mode = "", , , , flags = "", ...after] = fields
  const [pidFile, signal] = after[0]?.startsWith("/") ? after : [undefined, after[0]]
  const upper = flags.toUpperCase()
  const runsCommand = upper.includes("R")
  const entry: NewsyslogEntry = {
    place,
    log: first,
    isPattern: upper.includes("G"),
    mode,
    flags: upper,
    pidFile: runsCommand ? undefined : pidFile,
    command: runsCommand ? (pidFile ?? "") : undefined,
    signal
  }
  return { _tag: "Entry", entry }
}

// A backslash before # makes the # a part of the name.
const withoutComment = (line: string): string => line.replace(/(?<!\\)#.*/, "").replaceAll("\\#", "#")

// A field with a colon or a dot, as in root:wheel and root.wheel, is the owner; the mode has digits only.
const withoutOwner = (fields: ReadonlyArray<string>): ReadonlyArray<string> =>
  /[:.]/.test(fields[0] ?? "") ? fields.slice(1) : fields

const openBsdFlags = /^[ZBMF]+$/i
const openBsdFlag = /^[ZBMF]/i

/**
 * Reads OpenBSD's `logfile [owner:group] mode count size when [flags] [monitor] [/pid_file] ["command"] [SIGNAL]`: the fields
 * after the flags come in any order, patterns and includes do not exist, and newsyslog skips a line that is wrong.
 */
export const readOpenBsdLine = (place: string, line: string): NewsyslogEntry | undefined => {
  const [log = "", ...rest] = line.trim().match(/"[^"]*"|\S+/g) ?? []
  if (log === "" || log.startsWith("#")) return undefined
  const [mode = "", , , when, ...optional] = withoutOwner(rest)
  if (when === undefined) return undefined
  const [candidate = ""] = optional
  const hasFlags = openBsdFlag.test(candidate)
  if (hasFlags && !openBsdFlags.test(candidate)) return undefined
  const after = hasFlags ? optional.slice(1) : optional
  return {
    place,
    log,
    isPattern: false,
    mode,
    flags: hasFlags ? candidate.toUpperCase() : "",
    pidFile: after.find((field) => field.startsWith("/")),
    command: after.find((field) => field.startsWith('"'))?.slice(1, -1),
    signal: after.find((field) => field.startsWith("SIG"))
  }
}
