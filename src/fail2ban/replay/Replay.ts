import { type BanRules, extraFailures, isForgotten, longerBan, roundHalfEven } from "./BanRules.ts"

/** One ban of a replay. Times are whole seconds since 1970; only `until` may be fractional, where a factor is. */
export interface ReplayedBan {
  /** The number that the caller has given to the host. */
  readonly host: number
  readonly at: number
  /** The last second in which it is banned; Infinity for ever. */
  until: number
  /** How much later than `until` it may end, where `bantime.rndtime` adds time at random. */
  readonly spread: number
  /** How many packets counted towards it. */
  readonly packets: number
  /** How many packets came while it lasted: in a closed loop pf drops them. */
  prevented: number
  /** Seconds from the first packet that counted towards it to the ban. */
  readonly delay: number
}

/** How to replay. */
export interface ReplayOptions {
  /** Whether packets of a banned host still count, as if the ban had no effect. */
  readonly openLoop: boolean
  /** Whether hosts are never forgotten by age alone: fail2ban cleans up lazily, and this is the other extreme of what it may do. */
  readonly neverForgets: boolean
  /** When fail2ban was started, in seconds; its database is purged every hour from then on. */
  readonly start: number
  /** The jail that counts the bans of this one: `recidive`. A host that it bans is as banned as by the jail itself. */
  readonly recidive: Replay | undefined
  /** Takes each ban as it begins. The ban changes later: `prevented` grows, and so does `until` where the ban is prolonged. */
  readonly onBan: (ban: ReplayedBan) => void
}

/** The state of one host: the failures of fail2ban's FailManager, the ban of its BanManager, and the row of its database. */
interface HostState {
  /** The start of the estimated interval of the failures, and the last of them; `retry` is 0 where there are none. */
  first: number
  last: number
  retry: number
  /** The packet that began the failures, and how many there were: what a ban reports. */
  began: number
  packets: number
  /** How many earlier bans were known when the failures began; this outlives a purge of the database. */
  earlierBans: number
  ban: ReplayedBan | undefined
  /** The bans in the database: how many, and the last of them. */
  bans: number
  lastBan: { readonly at: number; readonly bantime: number }
}

const noBan = { at: Number.NEGATIVE_INFINITY, bantime: 0 }

/**
 * Replays what fail2ban makes of the packets that a jail's filter has matched: exactly its FailManager, BanManager and
 * observer (1.0.2 to 1.1), with the clock set to each packet's time. Hosts do not influence one another, so each can be
 * replayed alone, some packets at a time, in the order of the log.
 *
 * Memory: one small object for each host that is passed to it.
 */
export class Replay {
  private readonly rules: BanRules
  private readonly options: ReplayOptions
  private readonly hosts = new Map<number, HostState>()
  /** How many packets came while their host was banned. */
  prevented = 0

  constructor(rules: BanRules, options: ReplayOptions) {
    this.rules = rules
    this.options = options
  }

  /**
   * Takes the next packets of one host.
   *
   * @param seconds the times of packets, in whole seconds since 1970; those of this host are from `from` to before `to`
   */
  packets(host: number, seconds: ArrayLike<number>, from: number, to: number): void {
    const state = this.stateOf(host)
    const { maxretry, findtime } = this.rules
    const { openLoop, neverForgets } = this.options
    let { first, last, retry, began, packets } = state
    let bannedUntil = this.bannedUntil(host)
    for (let index = from; index < to; index++) {
      const now = seconds[index] ?? 0
      if (now <= bannedUntil) {
        this.prevented += 1
        this.prevent(host, now)
        if (!openLoop) continue
      }
      if (retry === 0 || (!neverForgets && last <= now - findtime)) {
        first = now
        last = now
        retry = 1
        began = now
        packets = 1
        state.earlierBans = 0
      } else {
        if (now > last) {
          // fail2ban estimates in place of a sliding window: it scales the rate so far to findtime.
          if (first < now - findtime) {
            retry = roundHalfEven((retry / (now - first)) * findtime)
            first = now - findtime
          }
          last = now
        }
        retry += 1
        packets += 1
      }
      if (retry < maxretry && state.bans > 0) retry += this.extra(state, now, packets)
      if (retry < maxretry) continue
      retry = 0
      this.ban(host, state, last, now, began, packets)
      bannedUntil = this.bannedUntil(host)
    }
    state.first = first
    state.last = last
    state.retry = retry
    state.began = began
    state.packets = packets
  }

  /** The last ban of every host that was banned. */
  *lastBans(): Generator<ReplayedBan> {
    for (const { ban } of this.hosts.values()) if (ban !== undefined) yield ban
  }

  /** The last second of the host's ban by this jail or by `recidive`; -Infinity where there was none. */
  private bannedUntil(host: number): number {
    const own = this.hosts.get(host)?.ban?.until ?? Number.NEGATIVE_INFINITY
    const { recidive } = this.options
    return recidive === undefined ? own : Math.max(own, recidive.bannedUntil(host))
  }

  private prevent(host: number, now: number): void {
    const ban = this.hosts.get(host)?.ban
    if (ban !== undefined && now <= ban.until) ban.prevented += 1
    else this.options.recidive?.prevent(host, now)
  }

  private stateOf(host: number): HostState {
    const known = this.hosts.get(host)
    if (known !== undefined) return known
    const state = {
      first: 0,
      last: 0,
      retry: 0,
      began: 0,
      packets: 0,
      earlierBans: 0,
      ban: undefined,
      bans: 0,
      lastBan: noBan
    }
    this.hosts.set(host, state)
    return state
  }

  /** How many additional failures a failure of a known host counts for, unless its ban is forgotten. */
  private extra(state: HostState, now: number, packets: number): number {
    const { increment, maxretry } = this.rules
    if (increment === undefined || now <= state.lastBan.at) return 0
    if (isForgotten(state.lastBan, increment, this.options.start, now)) {
      state.bans = 0
      return 0
    }
    if (packets === 1) state.earlierBans = state.bans
    return extraFailures(state.bans, maxretry)
  }

  /** Begins a ban at the time of the last failure, or prolongs a present ban where the new one would end later. */
  private ban(host: number, state: HostState, at: number, now: number, began: number, packets: number): void {
    const { bantime, increment } = this.rules
    const running = state.ban
    if (running !== undefined && now <= running.until) {
      running.until = Math.max(running.until, bantime === -1 ? Number.POSITIVE_INFINITY : at + bantime)
      return
    }
    let length = bantime
    let spread = 0
    if (increment !== undefined && isForgotten(state.lastBan, increment, this.options.start, now)) state.bans = 0
    if (increment !== undefined && bantime > 0 && state.bans > 0) {
      length = longerBan(bantime, increment, state.bans)
      spread = increment.rndtime ?? 0
    }
    // fail2ban takes a ban that is no later than the last one for the same, read again, and does not remember it.
    if (state.bans === 0 || at > state.lastBan.at) {
      state.bans = Math.max(state.bans, state.earlierBans) + 1
      state.lastBan = { at, bantime: length }
    }
    const until = length === -1 ? Number.POSITIVE_INFINITY : at + length
    state.ban = { host, at, until, spread, packets, prevented: 0, delay: at - began }
    this.options.onBan(state.ban)
    this.options.recidive?.packets(host, [at], 0, 1)
  }
}
