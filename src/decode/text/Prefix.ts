import type { EpochMicros } from "../PfLogEntry.ts"
import type { Cursor } from "./Cursor.ts"
import { endpoint } from "./Endpoint.ts"
import { logTime, tcpdumpTime } from "./Timestamp.ts"

const space = 0x20
const colon = 0x3a
const openBracket = 0x5b
const lessThan = 0x3c
const letterR = 0x72
const maxUint32 = 4_294_967_295

/** The longest name of a host or a program. */
const longestName = 255

/** Longer than all parts of a prefix together. */
const longestPrefix = 1024

/**
 * Takes all that may stand in front of `rule …`, with the space behind it. Where it has no known form, the
 * cursor does not come to stand at `rule`.
 *
 *     prefix   = [priority [version]] [stamp] [level] [host] [tag [pid] [":"] | tag pid "-" "-"] [tcpdump's stamp]
 *     priority = "<134>"               stamp = "Aug 14 10:00:00 " | "2023-08-14T10:00:00+02:00 "
 *     level    = "<local0.info> "      tag   = "pf"      pid = "[77]"
 *
 * Each part can be missing; with neither priority nor stamp in front, the tag has its colon, and tcpdump's stamp follows.
 *
 * @example
 * Aug 14 10:00:00 gate pf: Aug 14 09:59:58.123456
 * <134>Aug 14 10:00:00 pf: 00:00:03.000001
 * 2023-08-14T10:00:00+02:00 gate pf[77] 00:00:03.000001
 * <134>1 2023-08-14T10:00:00.000137Z gate pf 77 - - 00:00:03.000001
 *
 * @returns the time, or `undefined` where the stamps do not give the date
 */
export const leadingTime = (cursor: Cursor): EpochMicros | undefined => {
  if (cursor.peek() === letterR && atRule(cursor)) return undefined
  // Most lines that are no entries lack this word: to look for it is ten times as fast as to read their beginning.
  const ahead = cursor.text.indexOf("rule ", cursor.at) - cursor.at
  if (ahead < 0 || ahead > longestPrefix) return undefined
  const prioritised = priority(cursor)
  const start = cursor.at
  const logged = logTime(cursor)
  const time = logged === "no date" ? undefined : logged
  if (atRule(cursor)) return time
  if (logged === undefined) {
    // What looks like tcpdump's own stamp is that: a name follows none of these.
    const own = tcpdumpTime(cursor)
    if (cursor.at > start) return own
  }
  level(cursor)
  const stamped = prioritised || logged !== undefined
  // A word and a colon in front of an entry may come from anywhere; with a stamp on either side they are syslog's.
  if (source(cursor, stamped) && (stamped || !atRule(cursor))) return tcpdumpTime(cursor) ?? time
  cursor.at = start
  return undefined
}

/** Whether the entry begins here. A ruleset's name may hold a colon and a space: `rule 9.web: a.3/0(match): …`. */
const atRule = (cursor: Cursor): boolean => cursor.text.startsWith("rule ", cursor.at)

/** Takes `<134>`, or `<134>1 ` of RFC 5424. */
const priority = (cursor: Cursor): boolean => {
  const start = cursor.at
  if (cursor.peek() !== lessThan) return false
  cursor.at++
  if (cursor.decimal(191) >= 0 && cursor.literal(">")) {
    cursor.literal("1 ")
    return true
  }
  cursor.at = start
  return false
}

/** Takes `<local0.info> `, as `syslogd -v` writes it; a number stands for what has no name. */
const level = (cursor: Cursor): void => {
  const start = cursor.at
  if (cursor.peek() !== lessThan) return
  cursor.at++
  if (name(cursor) && cursor.literal("> ")) return
  cursor.at = start
}

/**
 * Takes `host tag: `, `host tag[77]: `, `tag: `, `host `, …, or nothing at all where the entry or tcpdump's stamp is next.
 *
 * A notice of ours (`TIMESTAMP tcpdump[77]: …`) has no host, and neither host nor tag starts with a bracket: what a notice
 * quotes is never taken for a line of syslog's.
 *
 * @param stamped whether the line is syslog's by what stands in front: only then can the tag lack its colon
 * @returns whether what is next may be the entry or tcpdump's stamp
 */
const source = (cursor: Cursor, stamped: boolean): boolean => {
  if (startsEntry(cursor)) return stamped
  const start = cursor.at
  if (!name(cursor)) {
    cursor.at = start
    // The host may be known by its IPv6 address only.
    return endpoint(cursor, "") !== undefined && cursor.character(space) && tag(cursor, stamped)
  }
  if (cursor.peek() !== space) {
    const tagEnd = cursor.at
    if (!isOwn(cursor.text.substring(start, tagEnd)) && endsTag(cursor, stamped)) return true
    cursor.at = start
    return endpoint(cursor, "") !== undefined && cursor.character(space) && tag(cursor, stamped)
  }
  cursor.at++
  return startsEntry(cursor) ? stamped : tag(cursor, stamped)
}

/** Takes `tag: `, `tag[77]: `, `tag[77] `, or RFC 5424's `tag 77 - - `. */
const tag = (cursor: Cursor, stamped: boolean): boolean => name(cursor) && endsTag(cursor, stamped)

const endsTag = (cursor: Cursor, stamped: boolean): boolean => {
  const hasPid = cursor.peek() === openBracket
  if (hasPid) {
    cursor.at++
    if (cursor.decimal(maxUint32) < 0 || !cursor.literal("]")) return false
  }
  if (cursor.peek() === colon) {
    cursor.at++
    return cursor.character(space)
  }
  if (!stamped || !cursor.character(space)) return false
  if (hasPid || startsEntry(cursor)) return true
  return (cursor.literal("-") || cursor.decimal(maxUint32) >= 0) && cursor.literal(" - - ")
}

/** Whether the entry, or tcpdump's stamp in front of it, is next; the cursor stays. */
const startsEntry = (cursor: Cursor): boolean => {
  const start = cursor.at
  if (atRule(cursor)) return true
  tcpdumpTime(cursor)
  const stands = cursor.at > start && atRule(cursor)
  cursor.at = start
  return stands
}

/** Whether a notice of ours is of that name: only syslog, which adds the host, makes a line of such a program an entry. */
const isOwn = (program: string): boolean => program === "tcpdump" || program === "pfasciilogd"

/** Takes a host's or a program's name: letters, digits, `.`, `_`, `-`, `/`. */
const name = (cursor: Cursor): boolean => {
  const start = cursor.at
  while (cursor.at < start + longestName && isNameCharacter(cursor.peek())) cursor.at++
  return cursor.at > start
}

const isNameCharacter = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  code === 0x5f ||
  (code >= 0x2d && code <= 0x2f)
