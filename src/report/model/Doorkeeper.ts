/** Room for the packets of hosts that came nowhere near a ban: up to 6 MiB, and so many hosts at most. */
const roomForSeconds = 1_500_000
const mostWaiting = 1 << 16

/** A host has so many places to choose from. */
const ways = 8

/** So many hosts are let through. */
const mostAdmitted = 100_000

/**
 * Keeps hosts that no ban can hit away from the replay: a host is handed on with its packets once there are as many as a ban
 * takes. Those that wait are forgotten after `findtime`, as fail2ban does. So forged sources need little memory, however many
 * they are, and bans come out the same.
 */
export class Doorkeeper {
  private readonly maxretry: number
  private readonly findtime: number
  private readonly admit: (host: number, second: number) => void
  private readonly admitted = new Set<number>()
  /** A table of fixed size: who waits in each place, with how many packets, and when each of these came. */
  private readonly groups: number
  private readonly hosts: Float64Array
  private readonly counts: Uint32Array
  private readonly seconds: Int32Array
  /** The seconds are counted from the first packet on. */
  private start: number | undefined
  /** Packets that were given up, since more hosts came at a time than can be remembered: a ban may be missing. */
  lost = 0

  constructor(
    rules: { readonly maxretry: number; readonly findtime: number },
    admit: (host: number, second: number) => void
  ) {
    this.maxretry = rules.maxretry
    this.findtime = rules.findtime
    this.admit = admit
    const places = Math.max(ways, Math.min(mostWaiting, Math.floor(roomForSeconds / rules.maxretry)))
    this.groups = Math.floor(places / ways)
    this.hosts = new Float64Array(this.groups * ways)
    this.counts = new Uint32Array(this.groups * ways)
    this.seconds = new Int32Array(this.groups * ways * rules.maxretry)
  }

  /** Takes the next packet of a host, which is a fingerprint; the packets of a host come in the order of time. */
  add(host: number, second: number): void {
    if (this.admitted.has(host)) {
      this.admit(host, second)
      return
    }
    this.start ??= second
    const since = second - this.start
    const place = this.placeOf(host, since)
    if (since - this.lastAt(place) >= this.findtime) this.counts[place] = 0
    const first = place * this.maxretry
    const count = (this.counts[place] ?? 0) + 1
    this.seconds[first + count - 1] = since
    this.counts[place] = count
    if (count < this.maxretry) return
    this.hosts[place] = 0
    this.counts[place] = 0
    if (this.admitted.size >= mostAdmitted) {
      this.lost += count
      return
    }
    this.admitted.add(host)
    for (const earlier of this.seconds.slice(first, first + count)) this.admit(host, this.start + earlier)
  }

  /** The place of a host, which gets the one that has waited longest where it has none. */
  private placeOf(host: number, since: number): number {
    const first = (host % this.groups) * ways
    let oldest = first
    let oldestLast = Number.POSITIVE_INFINITY
    for (let place = first; place < first + ways; place++) {
      if (this.hosts[place] === host) return place
      const last = this.lastAt(place)
      if (last < oldestLast) {
        oldest = place
        oldestLast = last
      }
    }
    if (since - oldestLast < this.findtime) this.lost += this.counts[oldest] ?? 0
    this.hosts[oldest] = host
    this.counts[oldest] = 0
    return oldest
  }

  /** When the last packet of a place came; before all time where it is empty. */
  private lastAt(place: number): number {
    const count = this.counts[place] ?? 0
    return count === 0 ? Number.NEGATIVE_INFINITY : (this.seconds[place * this.maxretry + count - 1] ?? 0)
  }
}
