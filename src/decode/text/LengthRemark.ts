import type { Cursor } from "./Cursor.ts"

const openBracket = 0x5b
const maxUint32 = 4_294_967_295

/** The longest that a remark with two numbers gets. */
const longestRemark = 80

/** What main-branch tcpdump writes in place of `truncated-ip`: `[total length 60 > length 40] (invalid) `. */
const lengthRemark = /^\[(?:total|header\+payload) length \d{1,10} > length \d{1,10}\] \(invalid\) /

/** Takes `truncated-ip6 - 20 bytes missing!`, if it is there. */
export const skipTruncatedIp6 = (cursor: Cursor): boolean => {
  const start = cursor.at
  if (cursor.literal("truncated-ip6 - ") && cursor.decimal(maxUint32) >= 0 && cursor.literal(" bytes missing!"))
    return true
  cursor.at = start
  return false
}

/** Takes a remark of tcpdump's on a packet that is longer, by its header, than what was captured of it. */
export const skipLengthRemark = (cursor: Cursor): boolean => {
  if (cursor.peek() !== openBracket) return false
  const text = cursor.text.substring(cursor.at, Math.min(cursor.at + longestRemark, cursor.end))
  const length = lengthRemark.exec(text)?.[0].length ?? 0
  cursor.at += length
  return length > 0
}
