import { escapeText } from "../../format/Escape.ts"

/** How long a name may be that is shown; what a log, a database or a ruleset holds may be of any length. */
const longestName = 64

/** Characters that draw nothing, change the direction of text, or break lines, beside the plain space. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

/** A text of a log (latin1), in printable ASCII and no longer than a table bears. */
export const visible = (text: string, longest = longestName): string =>
  clipped(escapeText(text.slice(0, 4 * longest)), longest)

/** A text in Unicode, of a database or a ruleset: only what draws something, in its own direction. */
export const visibleUnicode = (text: string, longest = longestName): string =>
  clipped(
    text
      .slice(0, 4 * longest)
      .replace(invisible, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`),
    longest
  )

const clipped = (text: string, longest: number): string => {
  const characters = text.length > longest ? [...text] : []
  return characters.length > longest ? `${characters.slice(0, longest - 3).join("")}...` : text
}

/** A copy that does not keep the whole line alive which it was cut out of. */
export const flatCopy = (text: string): string => Buffer.from(text, "latin1").toString("latin1")
