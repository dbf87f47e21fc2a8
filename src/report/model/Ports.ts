import { Protocols } from "./Protocols.ts"
import type { PortRow, TopList } from "./Report.ts"
import { firstRows } from "./TopList.ts"
import { visible } from "./Visible.ts"

const numbers = 65_537

/** Counts packets by protocol and port: 256 KiB for each protocol. */
export class Ports {
  readonly protocols = new Protocols()
  private readonly counts: Array<Float64Array> = []

  /** Counts a packet and returns its key, for sets of ports. */
  add(protocol: string | undefined, port: number | undefined): number {
    const key = this.protocols.keyOf(protocol ?? "(unknown)", port ?? -1)
    const index = Math.floor(key / numbers)
    this.counts[index] ??= new Float64Array(numbers)
    const counts = this.counts[index]
    const place = key - index * numbers
    counts[place] = (counts[place] ?? 0) + 1
    return key
  }

  finish(serviceOf: (port: string) => string | undefined, most: number): TopList<PortRow> {
    const rows: Array<{ readonly key: number; readonly packets: number }> = []
    for (const [index, counts] of this.counts.entries())
      for (const [place, packets] of counts.entries())
        if (packets > 0) rows.push({ key: index * numbers + place, packets })
    rows.sort((one, other) => other.packets - one.packets || one.key - other.key)
    const list = firstRows(rows, most)
    return {
      others: list.others,
      rows: list.rows.map(({ key, packets }) => {
        const port = this.protocols.nameOf(key)
        return { port: visible(port), service: visible(serviceOf(port) ?? ""), packets }
      })
    }
  }
}
