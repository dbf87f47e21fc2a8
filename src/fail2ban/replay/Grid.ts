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
  /** How many of these should worry: they are on the never-ban list, or pf passed packets of theirs as well. */
  readonly worrying: number
  /** How many packets would have been dropped by a ban. */
  readonly prevented: number
  /** How many bans came too late to be of use: nothing of the host came any more. */
  readonly useless: number
  /** The median of the seconds from a ban's first packet to the ban; nothing without a ban. */
  readonly medianDelay: number | undefined
  /** Whether no other cell is better in one respect and as good in the others (prevented, worrying, useless). */
  readonly paretoBest: boolean
}

/** The thresholds that are tried, as people choose them: 42 cells. */
export const triedMaxretry: ReadonlyArray<number> = [3, 5, 8, 12, 20, 50]
export const triedFindtime: ReadonlyArray<number> = [10, 60, 300, 600, 3600, 21_600, 86_400]

/** What the grid asks of a host when all packets are read. */
export interface GridHosts {
  readonly isWorrying: (host: number) => boolean
  /** When the last packet of the host that counts came, in seconds. */
  readonly lastSeen: (host: number) => number
}

/** Replays the same packets with many choices of `maxretry` and `findtime`, all other rules as they are. */
export class Grid {
  private readonly cells: ReadonlyArray<{ readonly rules: BanRules; readonly replay: Replay; readonly delays: Delays }>
  private readonly batches: HostBatches

  /** @param start when the first packet came, in seconds */
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

  /** All packets are there: what each choice would have done. */
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

/** Whole seconds, counted by their value: bans repeat few of them. */
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
