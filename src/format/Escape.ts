/** All but the characters from space to `~`. */
const outsidePrintableAscii = /[^\x20-\x7e]/
const outsideLatin1 = /[^\x00-\xff]/

/** How many bytes are escaped at once, and the room for them: a byte becomes four at most. */
const blockLength = 16 * 1024
const room = Buffer.allocUnsafe(blockLength * 4)

const backslash = 0x5c
const letterX = 0x78
const hexDigits = "0123456789abcdef"

/**
 * Text in printable ASCII: any other byte becomes `\xNN` (lower-case hex), the rest is unchanged, a backslash included.
 *
 * @param text one character a byte (latin1); one with any other character is taken as its bytes in UTF-8
 */
export const escapeText = (text: string): string => {
  if (!outsidePrintableAscii.test(text)) return text
  const bytes = outsideLatin1.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text
  let escaped = ""
  for (let start = 0; start < bytes.length; start += blockLength) {
    escaped += escapeBlock(bytes, start, Math.min(bytes.length, start + blockLength))
  }
  return escaped
}

const escapeBlock = (bytes: string, start: number, end: number): string => {
  let length = 0
  for (let at = start; at < end; at++) {
    const byte = bytes.charCodeAt(at)
    if (byte >= 0x20 && byte <= 0x7e) {
      room[length++] = byte
    } else {
      room[length++] = backslash
      room[length++] = letterX
      room[length++] = hexDigits.charCodeAt(byte >> 4)
      room[length++] = hexDigits.charCodeAt(byte & 15)
    }
  }
  return room.toString("latin1", 0, length)
}

/** What JSON cannot hold as it is, and what is not ASCII. */
const needsQuoting = /[^\x20-\x7e]|["\\]/
const eachNotAscii = /[\x7f-\uffff]/g

/** A string as JSON, in printable ASCII: any other character becomes `\uNNNN` or JSON's short form of it. */
export const jsonString = (text: string): string =>
  needsQuoting.test(text) ? JSON.stringify(text).replace(eachNotAscii, jsonEscape) : `"${text}"`

const jsonEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
