import type { ClassLetter, RegexNode, SetItem } from "./RegexNode.ts"

/** The lines that a translated expression is for: those of ASCII alone, or any. */
export type Alphabet = "ascii" | "unicode"

/** `\d`, `\w`, `\s` as Python means them, for lines of ASCII alone: the inside of a set in brackets. */
const asciiClasses: { readonly [letter in ClassLetter]: readonly [string, string] } = {
  d: ["0-9", "\\x00-\\x2f\\x3a-\\x7f"],
  w: ["0-9A-Za-z_", "\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\x7f"],
  // Except in its ASCII mode, Python counts the four separators below the space as white space.
  s: ["\\x09-\\x0d\\x1c-\\x20", "\\x00-\\x08\\x0e-\\x1b\\x21-\\x7f"]
}

const unicodeClasses: { readonly [letter in ClassLetter]: string } = {
  d: "\\p{Nd}",
  w: "\\p{L}\\p{N}_",
  s: "\\x09-\\x0d\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
}

/** The same with Python's flag `a`, for lines of any kind. */
const plainClasses: { readonly [letter in ClassLetter]: string } = {
  d: "0-9",
  w: "0-9A-Za-z_",
  s: "\\x09-\\x0d\\x20"
}

/** A character, escaped so that JavaScript accepts it anywhere in an expression. */
export const escapedCharacter = (code: number): string => {
  const character = String.fromCodePoint(code)
  if (/[0-9A-Za-z]/.test(character)) return character
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`
  return `\\u{${code.toString(16)}}`
}

const range = (from: number, to: number): string =>
  from === to ? escapedCharacter(from) : `${escapedCharacter(from)}-${escapedCharacter(to)}`

const classText = (item: SetItem & { readonly type: "class" }, alphabet: Alphabet): string => {
  if (alphabet === "ascii") {
    const [inside, outside] = asciiClasses[item.letter]
    if (!item.ascii || item.letter !== "s") return item.negated ? outside : inside
    return item.negated ? "\\x00-\\x08\\x0e-\\x1f\\x21-\\x7f" : plainClasses.s
  }
  const inside = item.ascii ? plainClasses[item.letter] : unicodeClasses[item.letter]
  return item.negated ? `[^${inside}]` : inside
}

/** The letters of the other case that belong to a range of characters. */
const otherCase = (from: number, to: number): string => {
  if (from === to) {
    const character = String.fromCodePoint(from)
    return [character.toLowerCase(), character.toUpperCase()]
      .filter((other) => other !== character && [...other].length === 1)
      .map((other) => escapedCharacter(other.codePointAt(0) ?? 0))
      .join("")
  }
  return shifted(from, to, "A", "Z", 32) + shifted(from, to, "a", "z", -32)
}

const shifted = (from: number, to: number, first: string, last: string, by: number): string => {
  const lowest = Math.max(from, first.charCodeAt(0))
  const highest = Math.min(to, last.charCodeAt(0))
  return lowest > highest ? "" : range(lowest + by, highest + by)
}

const itemText = (item: SetItem, ignoreCase: boolean, alphabet: Alphabet): string => {
  if (item.type === "class") return classText(item, alphabet)
  // A line of ASCII never holds such a character, and without JavaScript's flag `v` it cannot be written.
  if (alphabet === "ascii" && item.from > 0x7f) return ""
  const to = alphabet === "ascii" ? Math.min(item.to, 0x7f) : item.to
  return range(item.from, to) + (ignoreCase ? otherCase(item.from, to) : "")
}

/** A set in brackets, in the syntax of JavaScript. */
export const setText = (node: RegexNode & { readonly type: "set" }, alphabet: Alphabet): string =>
  `[${node.negated ? "^" : ""}${node.items.map((item) => itemText(item, node.ignoreCase, alphabet)).join("")}]`

/** The characters of words, as the inside of a set. */
export const wordCharacters = (ascii: boolean): string => (ascii ? plainClasses.w : unicodeClasses.w)

/** Whether a character of ASCII belongs to a set. */
export const setHas = (node: RegexNode & { readonly type: "set" }, character: string): boolean =>
  new RegExp(setText(node, "ascii")).test(character)
