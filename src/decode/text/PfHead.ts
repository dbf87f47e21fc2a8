import type { Direction, PfFields } from "../PfLogEntry.ts"
import { type Cursor, lineFeed } from "./Cursor.ts"

/** What pf itself says of a packet: the part of a line up to and with `on vtnet0: `. */
export interface PfHead extends PfFields {
  /** Whether it is written as OpenBSD's own tcpdump does (`rule 0/(match) block in on vio0: `). */
  readonly openbsd: boolean
}

/** A head whose rule is still to be set: the rule stands in front, and what follows decides where it ends. */
type UnruledHead = { -readonly [Field in keyof PfHead]: PfHead[Field] }

const slash = 0x2f
const dot = 0x2e
const space = 0x20
const colon = 0x3a
const greaterThan = 0x3e
const openParenthesis = 0x28

/** The number of no rule: what pf gives for the default rule, and for the subrule outside an anchor. */
const noNumber = 4_294_967_295

/** The bytes that pflog(4) has for the name of a ruleset, and for that of an interface. */
const longestName = 16

/** The most characters that tcpdump makes of a byte of a name (`M-^A`), and that our own log does (`\xff`). */
const longestByte = 4

/** The longest that `RULESET.SUBRULE` gets: a name, a dot and ten digits. */
const longestAnchor = longestName * longestByte + 11

/**
 * Takes the head of a line, from `rule` on. The name of a ruleset may hold anything, a slash and parentheses included, so
 * each slash is tried as the one before the reason, from left to right, until all that must follow does.
 *
 * @example
 * rule 17/0(match): block in on vtnet0:
 * rule 9.f2b/sshd.3/0(match) [uid 0] [ridentifier 1000000103]: block in on vtnet0:
 * rule 0.bbeck(20267).1/0(match): pass out on em0:
 * rule def/(short) pass in on em0:
 * rule 5/(match) [uid 0, pid 24100] block in on em1:
 */
export const readPfHead = (cursor: Cursor): PfHead | undefined => {
  if (!cursor.literal("rule ")) return undefined
  if (cursor.literal("def/") || cursor.literal("-1/") || cursor.literal("/")) {
    return readBehindRule(cursor)
  }
  const number = cursor.decimal(noNumber)
  if (number < 0) return undefined
  const rule = number === noNumber ? undefined : number
  if (cursor.character(slash)) {
    const head = readBehindRule(cursor)
    if (head !== undefined) head.rule = rule
    return head
  }
  return cursor.character(dot) ? readAnchored(cursor, rule) : undefined
}

/** Takes `f2b/sshd.3/0(match): block in on vtnet0: `. */
const readAnchored = (cursor: Cursor, rule: number | undefined): PfHead | undefined => {
  const start = cursor.at
  const limit = Math.min(cursor.end, start + longestAnchor + 1)
  for (let at = start; at < limit; at++) {
    if (cursor.text.charCodeAt(at) !== slash) continue
    cursor.at = at + 1
    const head = readBehindRule(cursor)
    if (head === undefined) continue
    const { ruleset, subrule } = splitAnchor(cursor.text.substring(start, at))
    if (ruleset !== undefined && !fitsName(ruleset)) continue
    head.rule = rule
    head.ruleset = ruleset
    head.subrule = subrule
    return head
  }
  return undefined
}

/**
 * Splits what stands between the rule's number and the slash: `f2b/sshd.3`, `.16777216` (no name), `3` (no name, as
 * tcpdump's main branch writes it), `web` or `web.def` (no subrule).
 */
const splitAnchor = (anchor: string): Pick<PfHead, "ruleset" | "subrule"> => {
  const lastDot = anchor.lastIndexOf(".")
  const last = anchor.substring(lastDot + 1)
  const name = lastDot > 0 ? anchor.substring(0, lastDot) : undefined
  if (/^\d{1,10}$/.test(last)) {
    const number = Number(last)
    return { ruleset: name, subrule: number < noNumber ? number : undefined }
  }
  return { ruleset: last === "def" && name !== undefined ? name : anchor, subrule: undefined }
}

/** Bytes of a name that are not written as they are: `M-^A`, `M-c`, `^A`, `\xff`. */
const writtenByte = /M-\^.|M-.|\^.|\\x[0-9a-f]{2}/g

/** A name of printable characters without a space. */
const word = /^[!-~]*$/

/**
 * Whether a name can be one of pf's: no longer than that, or at least a word. Were it not looked at, a line with a damaged
 * head could pass its own addresses for a part of the name, and those in a payload for its own.
 */
const fitsName = (name: string): boolean =>
  name.length <= longestName || word.test(name) || name.replace(writtenByte, "x").length <= longestName

/** Takes what follows the rule: `0(match) [uid 0]: block in on vtnet0: ` or OpenBSD's `(match) block in on vio0: `. */
const readBehindRule = (cursor: Cursor): UnruledHead | undefined => {
  const openbsd = cursor.peek() === openParenthesis
  const reason = openbsd ? openbsdReason(cursor) : numberedReason(cursor)
  if (reason === undefined) return undefined
  let uid: number | undefined
  let pid: number | undefined
  let ridentifier: number | undefined
  while (cursor.literal(" [")) {
    if (cursor.literal("uid ")) {
      uid = cursor.decimal(noNumber)
      if (uid >= 0 && cursor.literal(", pid ")) pid = cursor.decimal(noNumber)
    } else if (cursor.literal("ridentifier ")) {
      ridentifier = cursor.decimal(noNumber)
    } else return undefined
    if (!cursor.literal("]")) return undefined
  }
  if (!cursor.literal(openbsd ? " " : ": ")) return undefined
  const action = readAction(cursor, openbsd)
  if (action === undefined || !cursor.character(space)) return undefined
  const direction = readDirection(cursor)
  if (direction === undefined || !cursor.literal(" on ")) return undefined
  const interfaceName = readInterface(cursor)
  if (interfaceName === undefined) return undefined
  return {
    rule: undefined,
    ruleset: undefined,
    subrule: undefined,
    reason,
    action,
    direction,
    interface: interfaceName,
    uid,
    pid,
    ridentifier,
    openbsd
  }
}

/** Takes `0(match)`, `unkn(17)`, `20(unkn)` or one of the forms with remarks: the name, or the unknown's number. */
const numberedReason = (cursor: Cursor): string | undefined => {
  if (cursor.literal("unkn(")) return numberUpTo(cursor, ")")
  const number = cursor.decimal(65_535)
  if (number < 0 || !cursor.character(openParenthesis)) return undefined
  const name = lowerCaseWord(cursor)
  if (cursor.literal(")")) return name === "" ? undefined : name === "unkn" ? String(number) : name
  // As printed, with one parenthesis missing: 15(state-locked (NetBSD)/dummynet(Darwin)
  if (cursor.literal(" (NetBSD)/dummynet(Darwin)")) {
    cursor.literal(")")
    return `${name}/dummynet`
  }
  return cursor.literal(" (Darwin))") ? name : undefined
}

/** Takes `(match)` or `(unkn 17)`. */
const openbsdReason = (cursor: Cursor): string | undefined => {
  if (cursor.literal("(unkn ")) return numberUpTo(cursor, ")")
  cursor.at++
  const name = lowerCaseWord(cursor)
  return name !== "" && cursor.literal(")") ? name : undefined
}

/** Takes `block`, `unkn(17)`, `dummynet (Darwin)`; OpenBSD's tcpdump writes nothing for an action that it does not know. */
const readAction = (cursor: Cursor, openbsd: boolean): string | undefined => {
  const name = lowerCaseWord(cursor)
  if (name === "unkn" && cursor.literal("(")) return numberUpTo(cursor, ")")
  if (name === "" && !openbsd) return undefined
  cursor.literal(" (Darwin)")
  return name
}

/** Takes `in`, `out`, `in/out`, `fwd` or `unkn(7)`. */
const readDirection = (cursor: Cursor): Direction | undefined => {
  if (cursor.literal("in/out")) return "in/out"
  if (cursor.literal("in")) return "in"
  if (cursor.literal("out")) return "out"
  if (cursor.literal("fwd")) return "fwd"
  if (!cursor.literal("unkn(")) return undefined
  const number = cursor.decimal(255)
  return number >= 0 && cursor.literal(")") ? `${number}` : undefined
}

/**
 * Takes the name of an interface and the `: ` behind it. A name holds neither a colon nor `>`: with them, a line that
 * lacks its first `: ` could pass its source for a part of the name, and a nested packet's source for its own.
 */
const readInterface = (cursor: Cursor): string | undefined => {
  const start = cursor.at
  const limit = start + longestName * longestByte
  for (; cursor.at <= limit; cursor.at++) {
    const code = cursor.peek()
    if (code === colon) {
      const name = cursor.since(start)
      return fitsName(name) && cursor.literal(": ") ? name : undefined
    }
    if (code === greaterThan || code === lineFeed || Number.isNaN(code)) return undefined
  }
  return undefined
}

/** Takes a number and what must follow it: the number's digits. */
const numberUpTo = (cursor: Cursor, end: string): string | undefined => {
  const number = cursor.decimal(noNumber)
  return number >= 0 && cursor.literal(end) ? String(number) : undefined
}

/** Takes a name such as `synproxy-drop`, which may be empty. */
const lowerCaseWord = (cursor: Cursor): string => {
  const { text, at: start } = cursor
  let at = start
  while (isNameCharacter(text.charCodeAt(at))) at++
  cursor.at = at
  return text.substring(start, at)
}

const isNameCharacter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f
