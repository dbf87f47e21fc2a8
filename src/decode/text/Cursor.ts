const openParenthesis = 0x28
const closeParenthesis = 0x29
const zero = 0x30
const nine = 0x39

/** The code of a line feed. */
export const lineFeed = 0x0a

/**
 * Reads a stretch of a text from left to right, never backwards over more than the one part it is at: that keeps
 * every reader that uses it linear. Each reader either finds its part and moves `at` behind it, or leaves `at` where it was.
 *
 * The text may go on behind `end` (a whole chunk is read line by line); a line feed or the text's end stands there.
 */
export class Cursor {
  text = ""
  at = 0
  end = 0

  /** Starts reading the text at a place. */
  reset(text: string, at: number, end: number): void {
    this.text = text
    this.at = at
    this.end = end
  }

  /** The code of the character here; NaN at the end of the text. */
  peek(): number {
    return this.text.charCodeAt(this.at)
  }

  /** Whether the stretch is read to its end. */
  get atEnd(): boolean {
    return this.at >= this.end
  }

  /** Takes a literal, which holds no line feed. */
  literal(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return false
    this.at += literal.length
    return true
  }

  /** Takes one character. */
  character(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false
    this.at++
    return true
  }

  /** Takes decimal digits: their value, or -1 where there are none or the value is above the limit. */
  decimal(limit: number): number {
    const text = this.text
    let at = this.at
    let value = 0
    for (;;) {
      const code = text.charCodeAt(at)
      if (!(code >= zero && code <= nine)) break
      value = value * 10 + code - zero
      if (value > limit) return -1
      at++
    }
    if (at === this.at) return -1
    this.at = at
    return value
  }

  /** Takes exactly so many decimal digits: their value, or -1. */
  digits(count: number): number {
    const text = this.text
    let value = 0
    for (let at = this.at; at < this.at + count; at++) {
      const code = text.charCodeAt(at)
      if (!(code >= zero && code <= nine)) return -1
      value = value * 10 + code - zero
    }
    this.at += count
    return value
  }

  /** Takes a group in parentheses, those within it included, that is no longer than that. */
  group(longest: number): boolean {
    const limit = Math.min(this.at + longest, this.end)
    let depth = 0
    for (let at = this.at; at < limit; at++) {
      const code = this.text.charCodeAt(at)
      if (code === openParenthesis) depth += 1
      else if (code === closeParenthesis) depth -= 1
      if (depth > 0) continue
      if (code !== closeParenthesis) return false
      this.at = at + 1
      return true
    }
    return false
  }

  /** What was read since a place. */
  since(start: number): string {
    return this.text.substring(start, this.at)
  }

  /** What is not read yet. */
  rest(): string {
    return this.text.substring(this.at, this.end)
  }
}
