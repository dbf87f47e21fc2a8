import type { TopList } from "./Report.ts"
import type { Counted, TopTable } from "./TopTable.ts"

/** The first entries of a table as a list, and the sums of all others. */
export const topList = <State extends Counted, Row>(
  table: TopTable<State>,
  most: number,
  rowOf: (key: string, state: State) => Row
): TopList<Row> => {
  const ranked = table.ranked()
  return {
    rows: ranked.slice(0, most).map(([key, state]) => rowOf(key, state)),
    others: {
      count: Math.max(0, ranked.length - most) + table.dropped.count,
      packets: ranked.slice(most).reduce((sum, [, { packets }]) => sum + packets, table.dropped.packets)
    }
  }
}

/** The first of some rows that are in order already, and the sums of all others. */
export const firstRows = <Row extends { readonly packets: number }>(
  rows: ReadonlyArray<Row>,
  most: number
): TopList<Row> => ({
  rows: rows.slice(0, most),
  others: {
    count: Math.max(0, rows.length - most),
    packets: rows.slice(most).reduce((sum, { packets }) => sum + packets, 0)
  }
})
