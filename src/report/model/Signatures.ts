import { networkOf } from "./Networks.ts"
import type { Protocols } from "./Protocols.ts"
import type { Signature, Signatures, TopList } from "./Report.ts"
import type { SourceState } from "./Sources.ts"
import { firstRows } from "./TopList.ts"
import { visible } from "./Visible.ts"

/** So many ports of one source are a vertical scan, so many destinations of one port's a horizontal one. */
const fewestPorts = 10
const fewestDestinations = 10

/** A slow source sends at least so many probes over so many seconds and is never banned. */
const fewestSlow = 10
const shortestSlow = 6 * 3600

/** A network whose members share the work has at least so many of them, and none sends more than half. */
const fewestMembers = 4

const fewestAnswers = 3

type Ranked = ReadonlyArray<readonly [address: string, state: SourceState]>

/** Finds what only shows when packets are looked at together. */
export const findSignatures = (
  ranked: Ranked,
  {
    isBanned,
    protocols,
    most
  }: { readonly isBanned: (address: string) => boolean; readonly protocols: Protocols; readonly most: number }
): Signatures => {
  const listed = (
    belongs: (state: SourceState, address: string) => boolean,
    what: (state: SourceState) => string
  ): TopList<Signature> =>
    firstRows(
      ranked
        .filter(([address, state]) => belongs(state, address))
        .map(([address, state]) => ({ who: visible(address), packets: state.packets, what: what(state) })),
      most
    )
  return {
    vertical: listed(
      ({ probes, ports, destinations }) => probes > 0 && ports.size >= fewestPorts && ports.size > destinations.size,
      ({ ports }) => `${amount(ports)} ports`
    ),
    horizontal: listed(
      ({ probes, ports, destinations }) =>
        probes > 0 && destinations.size >= fewestDestinations && destinations.size >= ports.size,
      ({ ports, destinations }) =>
        `${amount(destinations)} destinations, ${ports.size === 1 ? protocols.nameOf(ports.values()[0] ?? 0) : `${amount(ports)} ports`}`
    ),
    slow: listed(
      (state, address) => state.probes >= fewestSlow && span(state) >= shortestSlow && !isBanned(address),
      (state) => `${state.probes} probes in ${Math.round(span(state) / 3600)} hours, no ban`
    ),
    shared: firstRows(sharingNetworks(ranked), most),
    backscatter: listed(
      ({ answers, probes }) => answers >= fewestAnswers && answers > probes,
      ({ answers, ports }) => `${answers} answers, to ${amount(ports)} ${ports.size === 1 ? "port" : "ports"}`
    )
  }
}

const amount = ({ size, isFull }: { readonly size: number; readonly isFull: boolean }): string =>
  `${isFull ? "at least " : ""}${size}`

const span = ({ first, last }: SourceState): number => (last ?? 0) - (first ?? 0)

const sharingNetworks = (ranked: Ranked): ReadonlyArray<Signature> => {
  const networks = new Map<string, { members: number; probes: number; most: number; readonly ports: Set<number> }>()
  for (const [address, { probes, ports }] of ranked) {
    if (probes === 0) continue
    const network = networkOf(address)
    if (network === undefined) continue
    const state = networks.get(network) ?? { members: 0, probes: 0, most: 0, ports: new Set() }
    networks.set(network, state)
    state.members += 1
    state.probes += probes
    state.most = Math.max(state.most, probes)
    for (const port of ports.values()) state.ports.add(port)
  }
  return [...networks]
    .filter(([, { members, probes, most }]) => members >= fewestMembers && most * 2 <= probes)
    .sort(([one, { probes: ones }], [other, { probes: others }]) => others - ones || (one < other ? -1 : 1))
    .map(([network, { members, probes, ports }]) => ({
      who: visible(network),
      packets: probes,
      what: `${members} members, ${ports.size} ${ports.size === 1 ? "port" : "ports"}`
    }))
}
