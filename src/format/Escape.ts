/** All but the characters from space to `~`. */
const outsidePrintableAscii = /[^\x20-\x7e]/
const eachOutsidePrintableAscii = /[^\x20-\x7e]/g

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, "0")}`

/**
 * Text in printable ASCII: any other byte becomes `\xNN` (lower-case hex), the rest is unchanged, a backslash included.
 *
 * @param text one character a byte (latin1); a character that is none is taken as its bytes in UTF-8
 */
export const escapeText = (text: string): string =>
  outsidePrintableAscii.test(text) ? text.replace(eachOutsidePrintableAscii, escapeCharacter) : text

const escapeCharacter = (character: string): string => {
  const code = character.charCodeAt(0)
  return code <= 0xff ? hex(code) : Array.from(Buffer.from(character), hex).join("")
}

/** What JSON can't hold as it is, and what is not ASCII. */
const needsQuoting = /[^\x20-\x7e]|["\\]/
const eachNotAscii = /[\x7f-\uffff]/g

/** A string as JSON, in printable ASCII: any other character becomes `\uNNNN` or JSON's short form of it. */
export const jsonString = (text: string): string =>
  needsQuoting.test(text) ? JSON.stringify(text).replace(eachNotAscii, jsonEscape) : `"${text}"`

const jsonEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
