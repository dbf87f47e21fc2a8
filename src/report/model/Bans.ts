import { IgnoreList } from "../../fail2ban/ignoreip/IgnoreList.ts"
import type { JailSpec } from "../../fail2ban/replay/JailSpec.ts"
import { Replay, type ReplayedBan } from "../../fail2ban/replay/Replay.ts"
import { TimeMerge } from "../../fail2ban/replay/TimeMerge.ts"
import { Doorkeeper } from "./Doorkeeper.ts"
import { flatCopy } from "./Visible.ts"

/** So many bans are kept one by one; the rest are counted. */
const mostBans = 50_000

/** Replays the jail's bans with the engine of `simulate`, in bounded memory. */
export class Bans {
  readonly jail: JailSpec
  readonly kept: Array<ReplayedBan> = []
  total = 0
  counted = 0
  private readonly onBan: (second: number) => void
  private readonly ignoreList: IgnoreList
  private readonly doorkeeper: Doorkeeper
  private readonly merge: TimeMerge
  private replay: Replay | undefined
  /** The hosts that were let through, in the order of their numbers in the replay. */
  private readonly hosts: Array<{ readonly address: string; bans: number }> = []
  private readonly numbers = new Map<number, number>()
  /** Addresses of packets that wait for those of the next log. */
  private readonly names = new Map<number, string>()
  private readonly current = { host: 0, address: "" }
  /** The replay takes packets in arrays. */
  private readonly one = new Float64Array(1)
  private nextBegins = Number.POSITIVE_INFINITY

  /** @param onBan takes the time of each ban, in seconds */
  constructor(jail: JailSpec, onBan: (second: number) => void) {
    this.jail = jail
    this.onBan = onBan
    this.ignoreList = new IgnoreList(jail.ignoreip)
    this.doorkeeper = new Doorkeeper(jail.rules, (host, second) => this.admit(host, second))
    this.merge = new TimeMerge((host, second) => this.doorkeeper.add(host, second))
  }

  /** A log begins; `nextBegins` is when the first packet of the next one came, in seconds. */
  begin(nextBegins: number): void {
    this.nextBegins = nextBegins
    this.merge.begin(nextBegins)
  }

  /** Takes a packet that the jail's filter matches; `host` is the fingerprint of its source. */
  add(address: string, host: number, second: number): void {
    if (this.jail.ignoreip.length > 0 && this.ignoreList.has(address)) return
    this.counted += 1
    this.current.host = host
    this.current.address = address
    if (second >= this.nextBegins) this.names.set(host, flatCopy(address))
    this.merge.add(host, second)
  }

  /** All logs are read. */
  end(): void {
    this.merge.end()
    this.names.clear()
  }

  /** Packets that were not replayed, since too many hosts came at a time. */
  get notReplayed(): number {
    return this.doorkeeper.lost
  }

  get prevented(): number {
    return this.replay?.prevented ?? 0
  }

  addressOf(ban: ReplayedBan): string {
    return this.hosts[ban.host]?.address ?? ""
  }

  /** How many bans each banned host has. */
  byHost(): ReadonlyMap<string, number> {
    return new Map(this.hosts.filter(({ bans }) => bans > 0).map(({ address, bans }) => [address, bans]))
  }

  private admit(host: number, second: number): void {
    this.replay ??= this.start(second)
    let number = this.numbers.get(host)
    if (number === undefined) {
      number = this.hosts.length
      this.numbers.set(host, number)
      const { current } = this
      const address = host === current.host ? flatCopy(current.address) : (this.names.get(host) ?? "")
      this.hosts.push({ address, bans: 0 })
    }
    this.one[0] = second
    this.replay.packets(number, this.one, 0, 1)
  }

  private start(second: number): Replay {
    const { recidive, rules } = this.jail
    const plain = { openLoop: false, neverForgets: false, start: second }
    const fed =
      recidive === undefined
        ? undefined
        : new Replay(recidive, { ...plain, recidive: undefined, onBan: () => undefined })
    return new Replay(rules, { ...plain, recidive: fed, onBan: (ban) => this.banned(ban) })
  }

  private banned(ban: ReplayedBan): void {
    this.total += 1
    if (this.kept.length < mostBans) this.kept.push(ban)
    const host = this.hosts[ban.host]
    if (host !== undefined) host.bans += 1
    this.onBan(ban.at)
  }
}
