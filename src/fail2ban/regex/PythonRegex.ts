import * as Either from "effect/Either"
import { classEscape, escapedCode } from "./Escapes.ts"
import { PatternError } from "./PatternError.ts"
import { noFlags, type RegexFlags, withFlag } from "./RegexFlags.ts"
import type { RegexNode } from "./RegexNode.ts"
import { RegexReader } from "./RegexReader.ts"
import { readSet } from "./SetParser.ts"

/** A regular expression of Python's `re` (3.11) that has been read. */
export interface PythonRegex {
  readonly pattern: string
  readonly root: RegexNode
  /** How many groups it has. */
  readonly groupCount: number
  /** The groups that have a name, with their numbers. */
  readonly groupNames: ReadonlyMap<string, number>
}

/**
 * Reads a regular expression in the syntax of Python's `re` module.
 *
 * @see https://docs.python.org/3.11/library/re.html#regular-expression-syntax
 */
export const parsePythonRegex = (pattern: string): Either.Either<PythonRegex, PatternError> => {
  try {
    return Either.right(new RegexParser(pattern).parse())
  } catch (error) {
    if (error instanceof PatternError) return Either.left(error)
    throw error
  }
}

class RegexParser {
  private readonly reader: RegexReader
  private readonly groupNames = new Map<string, number>()
  private readonly openGroups = new Set<number>()
  private groupCount = 0
  private flags: RegexFlags = noFlags

  constructor(pattern: string) {
    this.reader = new RegexReader(pattern)
  }

  parse(): PythonRegex {
    this.globalFlags()
    const root = this.choice()
    if (!this.reader.atEnd) this.reader.invalid('unbalanced ")"')
    return { pattern: this.reader.pattern, root, groupCount: this.groupCount, groupNames: this.groupNames }
  }

  /** Reads flags such as `(?i)`: they apply to the whole pattern, and may only stand at its start. */
  private globalFlags(): void {
    for (;;) {
      const found = this.reader.match(/\(\?([a-zA-Z]+)\)/y)
      if (found === undefined) return
      this.flags = this.withFlags(this.flags, found[1] ?? "", true)
    }
  }

  private withFlags(flags: RegexFlags, letters: string, value: boolean): RegexFlags {
    let changed = flags
    for (const letter of letters)
      changed = withFlag(changed, letter, value) ?? this.reader.invalid(`unknown flag "${letter}"`)
    return changed
  }

  private choice(): RegexNode {
    const branches = [this.sequence()]
    while (this.reader.take("|")) branches.push(this.sequence())
    const [only] = branches
    return branches.length === 1 && only !== undefined ? only : { type: "choice", branches }
  }

  private sequence(): RegexNode {
    const items: Array<RegexNode> = []
    for (;;) {
      this.skipIgnored()
      if (this.reader.atEnd || this.reader.sees("|") || this.reader.sees(")")) return { type: "sequence", items }
      const start = this.reader.place
      items.push(this.quantified(this.atom(), start))
    }
  }

  /** Skips comments, and white space in verbose mode: both may stand anywhere, even between an atom and its quantifier. */
  private skipIgnored(): void {
    for (;;) {
      const start = this.reader.place
      if (this.flags.verbose) this.reader.match(/(?:[ \t\n\r\f\v]|#[^\n]*(?:\n|$))+/y)
      if (this.reader.match(/\(\?#[^)]*/y) === undefined) return
      this.close(start)
    }
  }

  private quantified(atom: RegexNode, start: number): RegexNode {
    this.skipIgnored()
    const quantifierAt = this.reader.place
    const bounds = this.reader.quantifier()
    if (bounds === undefined) return atom
    if (atom.type === "anchor") this.reader.invalid("nothing to repeat", quantifierAt)
    const lazy = this.reader.take("?")
    if (!lazy && this.reader.take("+")) {
      const text = this.reader.pattern.slice(quantifierAt, this.reader.place)
      this.reader.unsupported(`possessive quantifier "${text}"`, quantifierAt)
    }
    if (bounds.min > bounds.max) this.reader.invalid("min repeat greater than max repeat", quantifierAt)
    this.skipIgnored()
    const next = this.reader.place
    if (this.reader.quantifier() !== undefined) this.reader.invalid("multiple repeat", next)
    return { type: "repeat", body: this.checkedBody(atom, start), ...bounds, lazy }
  }

  private checkedBody(atom: RegexNode, start: number): RegexNode {
    if (atom.type === "sequence" && atom.items.length === 0) this.reader.invalid("nothing to repeat", start)
    return atom
  }

  private atom(): RegexNode {
    const start = this.reader.place
    if (this.reader.quantifier() !== undefined) this.reader.invalid("nothing to repeat", start)
    const character = this.reader.next()
    switch (character) {
      case "(":
        return this.group(start)
      case "[":
        return readSet(this.reader, start, this.flags)
      case ".":
        return { type: "any", newline: this.flags.dotAll }
      case "^":
        return { type: "anchor", name: this.flags.multiline ? "line-start" : "text-start", ascii: true }
      case "$":
        return { type: "anchor", name: this.flags.multiline ? "line-end" : "text-end-or-last-newline", ascii: true }
      case "\\":
        return this.escape(start)
      default:
        return this.literal(character)
    }
  }

  private literal(character: string): RegexNode {
    return { type: "character", code: character.codePointAt(0) ?? 0, ignoreCase: this.flags.ignoreCase }
  }

  private group(start: number): RegexNode {
    if (!this.reader.take("?")) return this.capturing(start, undefined)
    if (this.reader.take("P")) return this.named(start)
    if (this.reader.take(":")) return this.inGroup(start, this.flags)
    if (this.reader.take(">")) this.reader.unsupported('atomic group "(?>...)"', start)
    if (this.reader.take("(")) this.reader.unsupported('conditional "(?(...)yes|no)"', start)
    const look = this.reader.match(/<?[=!]/y)
    if (look !== undefined) return this.look(start, look[0])
    const flags = this.reader.match(/([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])/y)
    if (flags === undefined) this.reader.invalid(`unknown extension "(?${this.reader.peek()}"`, start)
    if (flags[3] === ")") this.reader.invalid("global flags not at the start of the expression", start)
    const on = this.withFlags(this.flags, flags[1] ?? "", true)
    return this.inGroup(start, this.withFlags(on, flags[2] ?? "", false))
  }

  private inGroup(start: number, flags: RegexFlags): RegexNode {
    const outside = this.flags
    this.flags = flags
    const body = this.choice()
    this.flags = outside
    this.close(start)
    return body
  }

  private close(start: number): void {
    if (!this.reader.take(")")) this.reader.invalid("missing ), unterminated group", start)
  }

  private capturing(start: number, name: string | undefined): RegexNode {
    this.groupCount += 1
    const index = this.groupCount
    if (name !== undefined) {
      if (this.groupNames.has(name)) this.reader.invalid(`group name "${name}" used twice`, start)
      this.groupNames.set(name, index)
    }
    this.openGroups.add(index)
    const body = this.inGroup(start, this.flags)
    this.openGroups.delete(index)
    return { type: "group", index, name, body }
  }

  private named(start: number): RegexNode {
    const reference = this.reader.match(/=([^)]*)\)/y)
    if (reference !== undefined) {
      const index = this.groupNames.get(reference[1] ?? "")
      if (index === undefined) this.reader.invalid(`unknown group name "${reference[1]}"`, start)
      return this.reference(index, start)
    }
    const name = this.reader.match(/<([^>]*)>/y)
    if (name === undefined) this.reader.invalid(`unknown extension "(?P${this.reader.peek()}"`, start)
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name[1] ?? "")) this.reader.invalid(`bad group name "${name[1]}"`, start)
    return this.capturing(start, name[1])
  }

  private reference(index: number, start: number): RegexNode {
    if (index > this.groupCount) this.reader.invalid(`invalid group reference ${index}`, start)
    if (this.openGroups.has(index)) this.reader.invalid("cannot refer to an open group", start)
    return { type: "reference", index, ignoreCase: this.flags.ignoreCase }
  }

  private look(start: number, form: string): RegexNode {
    const body = this.inGroup(start, this.flags)
    return { type: "look", ahead: !form.startsWith("<"), negated: form.endsWith("!"), body }
  }

  private escape(start: number): RegexNode {
    const { ascii, ignoreCase } = this.flags
    const letter = this.reader.next()
    switch (letter) {
      case "A":
        return { type: "anchor", name: "text-start", ascii }
      case "Z":
        return { type: "anchor", name: "text-end", ascii }
      case "b":
        return { type: "anchor", name: "word-boundary", ascii }
      case "B":
        return { type: "anchor", name: "no-word-boundary", ascii }
    }
    const item = classEscape(letter, ascii)
    if (item !== undefined) return { type: "set", negated: false, items: [item], ignoreCase: false }
    if (letter >= "1" && letter <= "9") {
      const octal = this.reader.octalAfter(letter)
      if (octal !== undefined) return { type: "character", code: octal, ignoreCase }
      const second = this.reader.match(/[0-9]/y)?.[0] ?? ""
      return this.reference(Number(letter + second), start)
    }
    return { type: "character", code: escapedCode(this.reader, letter, start), ignoreCase }
  }
}
