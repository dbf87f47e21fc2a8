import type { Others } from "../model/Report.ts"
import { counted, number, stamp } from "../model/Units.ts"

/** When something was, where that is known. */
export const time = (second: number | undefined): string => (second === undefined ? "-" : stamp(second))

/** What the rows that are shown leave out; no line where they leave nothing out. */
export const othersLine = (
  rows: ReadonlyArray<{ readonly packets: number }>,
  others: Others,
  shown: number,
  exact = true
): ReadonlyArray<string> => {
  const count = Math.max(0, rows.length - shown) + others.count
  const packets = rows.slice(shown).reduce((sum, row) => sum + row.packets, others.packets)
  return count === 0
    ? []
    : [`  and ${exact ? "" : "at least "}${counted(count, "other")} with ${number(packets)} packets`]
}
