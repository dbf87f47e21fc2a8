import type { Geo } from "./Geo.ts"
import { networkOf } from "./Networks.ts"
import type { Protocols } from "./Protocols.ts"
import type { Amount, SourceFacts, SourceRow } from "./Report.ts"
import type { Sources } from "./Sources.ts"
import { firstRows } from "./TopList.ts"
import { visible, visibleUnicode } from "./Visible.ts"

/** What else is known when the rows are made. */
export interface SourceContext {
  readonly geo: Geo
  readonly bansOf: (address: string) => number
  readonly realBansOf: (address: string) => number
  readonly serviceOf: (port: string) => string
  readonly protocols: Protocols
  /** How many sources of blocked packets there are. */
  readonly distinct: Amount
  readonly elsewhere: number
  readonly most: number
}

/** So many ports of a source are named. */
const namedPorts = 4

/** The sources with the most blocked packets, the sums of the others, and where they all come from. */
export const sourceFacts = ({ table }: Sources, context: SourceContext): SourceFacts => {
  const { geo, most, distinct, protocols } = context
  const ranked = table.ranked()
  const rows = ranked.slice(0, most).map(
    ([address, state]): SourceRow => ({
      address: visible(address),
      network: visible(networkOf(address) ?? "-"),
      country: geo.country === undefined ? undefined : visibleUnicode(geo.country(address) ?? "-", 24),
      as: geo.as === undefined ? undefined : visibleUnicode(geo.as(address) ?? "-", 48),
      packets: state.packets,
      mayMiss: state.mayMiss,
      probes: state.probes,
      ports: { count: state.ports.size, exact: !state.ports.isFull },
      portNames: state.ports
        .values()
        .slice(0, namedPorts)
        .map((key) => visible(context.serviceOf(protocols.nameOf(key)), 24)),
      first: state.first,
      last: state.last,
      bans: context.bansOf(address),
      realBans: context.realBansOf(address)
    })
  )
  const shown = rows.reduce((sum, { packets }) => sum + packets, 0)
  const all = ranked.reduce((sum, [, { packets }]) => sum + packets, table.dropped.packets)
  const sumsBy = (lookup: ((address: string) => string | undefined) | undefined) => {
    if (lookup === undefined) return undefined
    const sums = new Map<string, number>()
    if (table.dropped.packets > 0) sums.set("(others)", table.dropped.packets)
    for (const [address, { packets }] of ranked) {
      const name = visibleUnicode(lookup(address) ?? "(unknown)", 48)
      sums.set(name, (sums.get(name) ?? 0) + packets)
    }
    const named = [...sums].map(([name, packets]) => ({ name, packets }))
    return firstRows(
      named.sort((one, other) => other.packets - one.packets || (one.name < other.name ? -1 : 1)),
      Math.min(most, 20)
    )
  }
  return {
    rows,
    others: {
      count: Math.max(0, distinct.count - rows.length),
      exact: distinct.exact,
      packets: all - shown
    },
    elsewhere: context.elsewhere,
    countries: sumsBy(geo.country),
    networks: sumsBy(geo.as)
  }
}
