import type { Cursor } from "./Cursor.ts"

const space = 0x20
const openParenthesis = 0x28

/** The longest that the options of a header get, as `-v` writes them. */
const longestOptions = 512

/** The longest that a routing header gets: 127 addresses of 39 characters, each with its number. */
const longestRouting = 8192

/**
 * Takes the extension headers of IPv6: `HBH `, `DSTOPT `, `srcrt (len=2, …) `, `RT6 (len=2, …) `, `frag (0|1448) `; `-v` writes
 * the options behind the first two: `HBH (rtalert: 0x0000) (padn)`.
 *
 * @returns whether one of them makes the packet a fragment
 */
export const skipExtensions = (cursor: Cursor): boolean => {
  let fragment = false
  for (;;) {
    if (cursor.literal("HBH ") || cursor.literal("DSTOPT ")) {
      while (cursor.peek() === openParenthesis && cursor.group(longestOptions)) cursor.character(space)
      continue
    }
    const isFragment = cursor.text.startsWith("frag (", cursor.at)
    if (!isFragment && !startsRouting(cursor)) return fragment
    fragment ||= isFragment
    while (cursor.peek() !== openParenthesis) cursor.at++
    if (!cursor.group(longestRouting)) cursor.at = cursor.end
    cursor.character(space)
  }
}

const startsRouting = ({ text, at }: Cursor): boolean => text.startsWith("srcrt (", at) || text.startsWith("RT6 (", at)
