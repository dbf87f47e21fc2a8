import type { SetItem } from "./RegexNode.ts"
import type { RegexReader } from "./RegexReader.ts"

/** Escapes of one letter that stand for one character. */
const simpleEscapes: { readonly [letter: string]: number | undefined } = {
  a: 0x07,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b
}

/** Escapes that take a number of hexadecimal digits. */
const hexEscapeLengths: { readonly [letter: string]: number | undefined } = { x: 2, u: 4, U: 8 }

/** The class that an escape's letter stands for (`\d`, `\W`); nothing where it is another escape. */
export const classEscape = (letter: string, ascii: boolean): SetItem | undefined => {
  const lower = letter.toLowerCase()
  if (lower !== "d" && lower !== "w" && lower !== "s") return undefined
  return { type: "class", letter: lower, negated: letter !== lower, ascii }
}

/**
 * Takes the rest of an escape whose letter has been read, and gives the character that it stands for, inside and outside of
 * a set.
 *
 * @param start where the backslash stands
 */
export const escapedCode = (reader: RegexReader, letter: string, start: number): number => {
  const simple = simpleEscapes[letter]
  if (simple !== undefined) return simple
  const digits = hexEscapeLengths[letter]
  if (digits !== undefined) return reader.hexadecimal(digits, start)
  if (letter === "0") return Number.parseInt(`0${reader.match(/[0-7]{1,2}/y)?.[0] ?? ""}`, 8)
  if (letter === "N") reader.unsupported('named character "\\N{...}"', start)
  if (/[a-zA-Z]/.test(letter)) reader.invalid(`bad escape "\\${letter}"`, start)
  return letter.codePointAt(0) ?? 0
}
