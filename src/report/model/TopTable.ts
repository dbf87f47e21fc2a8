import { flatCopy } from "./Visible.ts"

/** What a table keeps of each key. */
export interface Counted {
  packets: number
  /** So many packets there may have been before the key was noticed: it may have been dropped from the table before. */
  readonly mayMiss: number
  /** Never dropped. */
  readonly isKept?: boolean
}

/**
 * States by key, for so many keys at most: when the table is full, the half with the fewest packets is dropped, and only
 * their sums stay. So the sums are exact whatever comes, and whoever sends much is in the table.
 */
export class TopTable<State extends Counted> {
  private readonly limit: number
  private readonly make: (key: string, mayMiss: number) => State
  private readonly forget: (state: State) => void
  private readonly states = new Map<string, State>()
  private mostDropped = 0
  /** How many states were dropped, and the packets of all of them. */
  readonly dropped = { count: 0, packets: 0 }

  /**
   * @param make the state of a key that is new; the key (latin1) is a copy that may be kept
   * @param forget takes each state that is dropped
   */
  constructor(
    limit: number,
    make: (key: string, mayMiss: number) => State,
    forget: (state: State) => void = () => undefined
  ) {
    this.limit = limit
    this.make = make
    this.forget = forget
  }

  get size(): number {
    return this.states.size
  }

  /** The state of a key, which gets one where it has none. */
  of(key: string): State {
    const known = this.states.get(key)
    if (known !== undefined) return known
    if (this.states.size >= this.limit) this.drop()
    const copy = flatCopy(key)
    const state = this.make(copy, this.mostDropped)
    this.states.set(copy, state)
    return state
  }

  known(key: string): State | undefined {
    return this.states.get(key)
  }

  values(): IterableIterator<State> {
    return this.states.values()
  }

  /** All keys with their states, the most packets first; the same number in the order of the keys. */
  ranked(): ReadonlyArray<readonly [key: string, state: State]> {
    return [...this.states].sort(([one, { packets: ones }], [other, { packets: others }]) =>
      ones === others ? (one < other ? -1 : 1) : others - ones
    )
  }

  private drop(): void {
    const droppable = [...this.states].filter(([, { isKept }]) => isKept !== true)
    droppable.sort(([, one], [, other]) => one.packets - other.packets)
    for (const [key, state] of droppable.slice(0, Math.ceil(droppable.length / 2))) {
      const { packets, mayMiss } = state
      this.states.delete(key)
      this.forget(state)
      this.dropped.count += 1
      this.dropped.packets += packets
      this.mostDropped = Math.max(this.mostDropped, packets + mayMiss)
    }
  }
}

/** A table of plain numbers. */
export const countTable = (limit: number): TopTable<Counted> =>
  new TopTable(limit, (_, mayMiss): Counted => ({ packets: 0, mayMiss }))
