/** Room for the numbers of all sets together: a scan of many ports from many sources must not fill the memory. */
export class Room {
  private left: number

  constructor(places: number) {
    this.left = places
  }

  take(): boolean {
    if (this.left <= 0) return false
    this.left -= 1
    return true
  }

  give(places: number): void {
    this.left += places
  }
}

/** A set has so many numbers at most. */
const mostNumbers = 1024

/** A small set of different numbers; most sets have none or one. */
export class FewNumbers {
  private numbers: number | Set<number> | undefined
  /** Whether there were more than the set or the room could take. */
  isFull = false

  add(value: number, room: Room): void {
    const { numbers } = this
    if (numbers === undefined) this.numbers = value
    else if (typeof numbers === "number") {
      if (numbers === value) return
      if (room.take() && room.take()) this.numbers = new Set([numbers, value])
      else this.isFull = true
    } else if (!numbers.has(value)) {
      if (numbers.size < mostNumbers && room.take()) numbers.add(value)
      else this.isFull = true
    }
  }

  get size(): number {
    if (this.numbers === undefined) return 0
    return typeof this.numbers === "number" ? 1 : this.numbers.size
  }

  values(): ReadonlyArray<number> {
    if (this.numbers === undefined) return []
    return typeof this.numbers === "number" ? [this.numbers] : [...this.numbers]
  }

  /** Gives its room back; it is not used any more. */
  forget(room: Room): void {
    if (typeof this.numbers === "object") room.give(this.numbers.size)
    this.numbers = undefined
  }
}
