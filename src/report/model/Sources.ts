import type { PfLogEntry } from "../../decode/PfLogEntry.ts"
import { FewNumbers, Room } from "./FewNumbers.ts"
import { type Counted, TopTable } from "./TopTable.ts"
import { flatCopy } from "./Visible.ts"

/** What is known of one source of blocked packets. */
export interface SourceState extends Counted {
  readonly ports: FewNumbers
  readonly destinations: FewNumbers
  probes: number
  /** Blocked packets that are answers to packets which this host did not send. */
  answers: number
  first: number | undefined
  last: number | undefined
  bans: number
}

/** So many sources are told apart at a time. */
const mostSources = 10_000

/** Numbers in the sets of ports and destinations of all sources: some 15 MiB. */
const mostNumbers = 300_000

/** So many destinations are told apart. */
const mostDestinations = 20_000

/** The sources of packets that were blocked on their way in. */
export class Sources {
  private readonly room = new Room(mostNumbers)
  private readonly destinations = new Map<string, number>()
  readonly table: TopTable<SourceState>

  /** @param isKept whether a source must never be dropped, since it is on the never-ban list */
  constructor(isKept: (address: string) => boolean) {
    this.table = new TopTable<SourceState>(
      mostSources,
      (address, mayMiss) => ({
        packets: 0,
        mayMiss,
        isKept: isKept(address),
        ports: new FewNumbers(),
        destinations: new FewNumbers(),
        probes: 0,
        answers: 0,
        first: undefined,
        last: undefined,
        bans: 0
      }),
      ({ ports, destinations }) => {
        ports.forget(this.room)
        destinations.forget(this.room)
      }
    )
  }

  /** @param port the key of its protocol and port */
  add(address: string, entry: PfLogEntry, port: number, second: number | undefined, isProbe: boolean): void {
    const state = this.table.of(address)
    state.packets += 1
    if (isProbe) state.probes += 1
    else if (isAnswer(entry)) state.answers += 1
    if (second !== undefined) {
      if (state.first === undefined || second < state.first) state.first = second
      if (state.last === undefined || second > state.last) state.last = second
    }
    const { destination } = entry
    state.ports.add(port, this.room)
    if (destination !== undefined) state.destinations.add(this.destinationNumber(destination.address), this.room)
  }

  private destinationNumber(address: string): number {
    const known = this.destinations.get(address)
    if (known !== undefined) return known
    if (this.destinations.size >= mostDestinations) return mostDestinations
    const number = this.destinations.size
    this.destinations.set(flatCopy(address), number)
    return number
  }
}

/**
 * Whether a packet is what a host answers to one that it got: somebody else sends under our address, or our own question was
 * forgotten. SYN with ACK, a reset, or a message of ICMP that asks for nothing (a destination is unreachable, …).
 */
const isAnswer = ({ tcpFlags, protocol, icmpRequest }: PfLogEntry): boolean => {
  if (tcpFlags !== undefined) return tcpFlags === "S." || tcpFlags.includes("R")
  return (protocol === "icmp" || protocol === "ipv6-icmp") && !icmpRequest
}
