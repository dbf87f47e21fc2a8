import type { BanRules } from "./BanRules.ts"
import { HostBatches } from "./HostBatches.ts"
import { Replay } from "./Replay.ts"

/** What one choice of thresholds would have done. */
export interface GridCell {
  readonly maxretry: number
  /** In seconds. */
  readonly findtime: number
  /** How many hosts would have been banned. */
  readonly hosts: number
  /** How many of these bans should worry the administrator: of hosts on the never-ban list, or from which pf also passed packets. */
  readonly worrying: number
  /** How many packets a ban would have dropped. */
  readonly prevented: number
  /** How many bans would have been useless, since no packet of the host came after them. */
  readonly useless: number
  /** The median of the seconds from a ban's first packet to the ban; nothing without a ban. */
  readonly medianDelay: number | undefined
  /** Whether no other cell is better in one respect (prevented, worrying, useless) and as good in the others. */
  readonly paretoBest: boolean
}

/** The thresholds that are tried, of the sizes that people choose: 42 cells. */
export const triedMaxretry: ReadonlyArray<number> = [3, 5, 8, 12, 20, 50]
export const triedFindtime: ReadonlyArray<number> = [10, 60, 300, 600, 3600, 21_600, 86_400]

/** What the grid needs to know about hosts once all packets have been read. */
export interface GridHosts {
  readonly isWorrying: (host: number) => boolean
  /** The time of the host's last packet that counts, in seconds. */
  readonly lastSeen: (host: number) => number
}

/** Replays the same packets with many choices of `maxretry` and `findtime`, all other rules as they are. */
export class Grid {
  private readonly cells: ReadonlyArray<{ readonly rules: BanRules; readonly replay: Replay; readonly delays: Delays }>
  private readonly batches: HostBatches

  /** @param start the time of the first packet, in seconds */
  constructor(rules: BanRules, start: number, openLoop: boolean) {
    this.cells = triedMaxretry.flatMap((maxretry) =>
      triedFindtime.map((findtime) => {
        const delays = new Delays()
        const cellRules = { ...rules, maxretry, findtime }
        const replay = new Replay(cellRules, {
          openLoop,
          neverForgets: false,
          start,
          recidive: undefined,
          onBan: ({ delay }) => delays.add(delay)
        })
        return { rules: cellRules, replay, delays }
      })
    )
    this.batches = new HostBatches(
      this.cells.map(({ replay }) => replay),
      Math.min(...triedMaxretry)
    )
  }

  /** Takes a packet that the filter has matched, in the order of time. */
  add(host: number, second: number): void {
    this.batches.add(host, second)
  }

  /** Ends the replay after the last packet: what each choice would have done. */
  finish(hosts: GridHosts): ReadonlyArray<GridCell> {
    this.batches.flush()
    const cells = this.cells.map(({ rules, replay, delays }) => {
      const last = [...replay.lastBans()]
      return {
        maxretry: rules.maxretry,
        findtime: rules.findtime,
        hosts: last.length,
        worrying: last.filter(({ host }) => hosts.isWorrying(host)).length,
        prevented: replay.prevented,
        useless: last.filter(({ host, at, prevented }) => prevented === 0 && hosts.lastSeen(host) <= at).length,
        medianDelay: delays.median()
      }
    })
    return cells.map((cell) => ({ ...cell, paretoBest: !cells.some((other) => dominates(other, cell)) }))
  }
}

type Measured = Pick<GridCell, "prevented" | "worrying" | "useless">

const dominates = (one: Measured, other: Measured): boolean =>
  one.prevented >= other.prevented &&
  one.worrying <= other.worrying &&
  one.useless <= other.useless &&
  (one.prevented > other.prevented || one.worrying < other.worrying || one.useless < other.useless)

/** Counts delays in whole seconds by their value, since bans have only few different ones. */
class Delays {
  private readonly counts = new Map<number, number>()
  private total = 0

  add(delay: number): void {
    this.counts.set(delay, (this.counts.get(delay) ?? 0) + 1)
    this.total += 1
  }

  median(): number | undefined {
    let passed = 0
    for (const [delay, count] of [...this.counts].sort(([left], [right]) => left - right)) {
      passed += count
      if (passed * 2 >= this.total) return delay
    }
    return undefined
  }
}
