import { lineTime } from "../../fail2ban/replay/LineTime.ts"
import type { RealBans } from "./Report.ts"
import { topList } from "./TopList.ts"
import { type Counted, TopTable } from "./TopTable.ts"
import { visible } from "./Visible.ts"

/** `2026-11-22 06:16:54,507 fail2ban.actions [812]: NOTICE  [pfasciilogd] Ban 192.0.2.7`; a restored ban is no new one. */
const banLine =
  /^\S{10} \S{8,12} fail2ban\.actions\s+\[\d+\]:?\s+(?:NOTICE|WARNING)\s+\[([^\]]*)\] Ban ([0-9a-fA-F.:]+)/

const mostHosts = 20_000

/** Counts the bans of one jail in fail2ban's own log. */
export class BanLog {
  private readonly jail: string
  private readonly covers: (second: number | undefined) => boolean
  private readonly now: Date
  private readonly hosts = new TopTable(mostHosts, (_, mayMiss): Counted & { last: number } => ({
    packets: 0,
    mayMiss,
    last: 0
  }))
  private total = 0

  constructor(jail: string, now: Date, covers: (second: number | undefined) => boolean) {
    this.jail = jail
    this.now = now
    this.covers = covers
  }

  line(line: string): void {
    const [, jail, host] = banLine.exec(line) ?? []
    if (host === undefined || jail !== this.jail) return
    const second = lineTime(line, this.now)
    if (!this.covers(second)) return
    const state = this.hosts.of(host)
    state.packets += 1
    state.last = Math.max(state.last, second ?? 0)
    this.total += 1
  }

  /** How many bans of a host there are. */
  bansOf(address: string): number {
    return this.hosts.known(address)?.packets ?? 0
  }

  finish(file: string, most: number): RealBans {
    const list = topList(this.hosts, most, (key, { packets, last }) => ({ host: visible(key), packets, last }))
    return { file, total: this.total, hosts: list }
  }
}
