const quarter = 900

/** Packets by weekday and hour, in local time. */
export class WeekHours {
  private readonly counts = Array.from({ length: 7 }, () => new Array<number>(24).fill(0))
  /** The quarter of an hour that the last packet fell in: local time is asked for once a quarter, no zone changes within. */
  private quarter = Number.NaN
  private day = 0
  private hour = 0

  add(second: number): void {
    const now = Math.floor(second / quarter)
    if (now !== this.quarter) {
      const date = new Date(now * quarter * 1000)
      this.quarter = now
      this.day = date.getDay()
      this.hour = date.getHours()
    }
    const hours = this.counts[this.day]
    if (hours !== undefined) hours[this.hour] = (hours[this.hour] ?? 0) + 1
  }

  finish(): ReadonlyArray<ReadonlyArray<number>> {
    return this.counts
  }
}
