/** One packet that a filter has matched. */
export interface TimedPacket {
  readonly host: number
  readonly second: number
}

/**
 * Puts the packets of several logs into the order of time. Each log is in order by itself, and the logs come in the order of
 * their first packets. Only where two logs overlap, as those of two interfaces do, packets wait for those of the next log.
 */
export class TimeMerge {
  private waiting: Array<TimedPacket> = []
  private next = 0
  private held: Array<TimedPacket> = []
  private until = Number.POSITIVE_INFINITY
  private readonly take: (host: number, second: number) => void

  constructor(take: (host: number, second: number) => void) {
    this.take = take
  }

  /** Begins a log; `nextBegins` is the time of the first packet of the next one, in seconds. */
  begin(nextBegins: number): void {
    this.waiting = [...this.waiting.slice(this.next), ...this.held]
    this.waiting.sort((left, right) => left.second - right.second)
    this.next = 0
    this.held = []
    this.until = nextBegins
  }

  /** Takes the next packet of the log that was begun last. */
  add(host: number, second: number): void {
    if (second >= this.until) {
      this.held.push({ host, second })
      return
    }
    this.passWaiting(second)
    this.take(host, second)
  }

  /** Ends after the last log. */
  end(): void {
    this.begin(Number.POSITIVE_INFINITY)
    this.passWaiting(Number.POSITIVE_INFINITY)
  }

  private passWaiting(second: number): void {
    for (;;) {
      const first = this.waiting[this.next]
      if (first === undefined || first.second > second) return
      this.take(first.host, first.second)
      this.next += 1
    }
  }
}
