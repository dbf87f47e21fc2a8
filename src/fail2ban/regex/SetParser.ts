import { classEscape, escapedCode } from "./Escapes.ts"
import type { RegexFlags } from "./RegexFlags.ts"
import type { RegexNode, SetItem } from "./RegexNode.ts"
import type { RegexReader } from "./RegexReader.ts"

/**
 * Reads a set in brackets, `[^a-z\d]`, whose opening bracket has been taken.
 *
 * @param start where the bracket stands
 */
export const readSet = (reader: RegexReader, start: number, { ascii, ignoreCase }: RegexFlags): RegexNode => {
  const negated = reader.take("^")
  const items: Array<SetItem> = []
  for (let first = true; first || !reader.take("]"); first = false) {
    if (reader.atEnd) reader.invalid("unterminated character set", start)
    const itemStart = reader.place
    const item = readItem(reader, ascii)
    if (reader.match(/-(?!\])/y) === undefined) {
      items.push(item)
      continue
    }
    if (reader.atEnd) reader.invalid("unterminated character set", start)
    const last = readItem(reader, ascii)
    if (item.type === "class" || last.type === "class" || last.from < item.from) {
      const text = reader.pattern.slice(itemStart, reader.place)
      reader.invalid(`bad character range "${text}"`, itemStart)
    }
    items.push({ type: "range", from: item.from, to: last.from })
  }
  return { type: "set", negated, items, ignoreCase }
}

const readItem = (reader: RegexReader, ascii: boolean): SetItem => {
  const start = reader.place
  const character = reader.next()
  if (character !== "\\") return single(character.codePointAt(0) ?? 0)
  const letter = reader.next()
  const item = classEscape(letter, ascii)
  if (item !== undefined) return item
  if (letter === "b") return single(0x08)
  if (letter >= "1" && letter <= "7") {
    const octal = reader.octalAfter(letter)
    if (octal !== undefined) return single(octal)
  }
  if (letter >= "1" && letter <= "9") reader.invalid(`bad escape "\\${letter}"`, start)
  return single(escapedCode(reader, letter, start))
}

const single = (code: number): SetItem => ({ type: "range", from: code, to: code })
