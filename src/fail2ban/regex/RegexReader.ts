import { PatternError } from "./PatternError.ts"

/** Steps through the characters of a pattern, and reports what is wrong with its place. */
export class RegexReader {
  readonly pattern: string
  /** The number of characters (UTF-16 units) read. */
  place = 0

  constructor(pattern: string) {
    this.pattern = pattern
  }

  get atEnd(): boolean {
    return this.place >= this.pattern.length
  }

  /** The next character, without taking it; empty at the end. */
  peek(): string {
    const code = this.pattern.codePointAt(this.place)
    return code === undefined ? "" : String.fromCodePoint(code)
  }

  sees(text: string): boolean {
    return this.pattern.startsWith(text, this.place)
  }

  next(): string {
    const character = this.peek()
    if (character === "") this.invalid("bad escape (end of pattern)", Math.max(0, this.place - 1))
    this.place += character.length
    return character
  }

  take(text: string): boolean {
    if (!this.sees(text)) return false
    this.place += text.length
    return true
  }

  /** Takes what a sticky expression matches here. */
  match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.place
    const found = sticky.exec(this.pattern)
    if (found === null) return undefined
    this.place += found[0].length
    return found
  }

  /** Takes `*`, `+`, `?` or `{m,n}`; a brace in any other form is an ordinary character. */
  quantifier(): { readonly min: number; readonly max: number } | undefined {
    if (this.take("*")) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.take("+")) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.take("?")) return { min: 0, max: 1 }
    const braces = this.match(/\{(?:(\d+)|(\d*),(\d*))\}/y)
    if (braces === undefined) return undefined
    const [, exact, least, most] = braces
    if (exact !== undefined) return { min: Number(exact), max: Number(exact) }
    return { min: Number(least ?? 0), max: most === "" ? Number.POSITIVE_INFINITY : Number(most) }
  }

  /** Takes two more octal digits after a first one of 1 to 7 (`\101`): Python reads three as a character, fewer as a group. */
  octalAfter(first: string): number | undefined {
    if (first > "7") return undefined
    const digits = this.match(/[0-7]{2}/y)
    if (digits === undefined) return undefined
    const code = Number.parseInt(first + digits[0], 8)
    if (code > 0o377) this.invalid(`octal escape value \\${first}${digits[0]} outside of range 0-0o377`)
    return code
  }

  hexadecimal(digits: number, start: number): number {
    const text = this.pattern.slice(this.place, this.place + digits)
    if (text.length < digits || !/^[0-9a-fA-F]+$/.test(text)) this.invalid("incomplete escape", start)
    this.place += digits
    return Number.parseInt(text, 16)
  }

  invalid(construct: string, place: number = this.place): never {
    throw new PatternError({ reason: "invalid", construct, place, pattern: this.pattern })
  }

  unsupported(construct: string, place: number): never {
    throw new PatternError({ reason: "unsupported", construct, place, pattern: this.pattern })
  }
}
