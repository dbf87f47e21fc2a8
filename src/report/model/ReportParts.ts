import type { BanRules } from "../../fail2ban/replay/BanRules.ts"
import type { Bans } from "./Bans.ts"
import type { Amount, BanFacts, BanRow, RealBans, SensorFacts, Silence } from "./Report.ts"
import type { Sensor } from "./Sensor.ts"
import { topList } from "./TopList.ts"
import { counted, duration } from "./Units.ts"
import { visible, visibleUnicode } from "./Visible.ts"

const mostActions = 12
const mostSilences = 12
const mostPartial = 10

/** What tells whether the log can be trusted. */
export const sensorFacts = (
  { counts, actions, interfaces, notices }: Sensor,
  { silences, usual }: { readonly silences: ReadonlyArray<Silence>; readonly usual: number },
  sources: Amount,
  partial: ReadonlyArray<string>
): SensorFacts => ({
  ...counts,
  ...notices,
  actions: topList(actions, mostActions, (name, { packets }) => ({ name: visible(name), packets })),
  interfaces: topList(interfaces, mostActions, (name, { packets }) => ({ name: visible(name), packets })),
  sources,
  silences: { rows: silences.slice(0, mostSilences), count: silences.length, usual },
  partial: partial.slice(0, mostPartial).map((text) => visibleUnicode(text, 200))
})

/** What decides how a ban is shown. */
export interface BanContext {
  readonly neverBan: (address: string) => ReadonlyArray<string>
  /** Whether pf let packets of a host pass. */
  readonly hasPassed: (address: string) => boolean
  readonly hosts: number
  readonly real: RealBans | undefined
  readonly most: number
}

/** The replayed bans: those that should worry first, then in the order of time. */
export const banFacts = (bans: Bans, { neverBan, hasPassed, hosts, real, most }: BanContext): BanFacts => {
  const rolesByHost = new Map<number, string>()
  const rolesOf = (host: number, address: string): string => {
    const known = rolesByHost.get(host)
    if (known !== undefined) return known
    const roles = [...neverBan(address), ...(hasPassed(address) ? ["passed traffic"] : [])].join("; ")
    rolesByHost.set(host, roles)
    return roles
  }
  const judged = bans.kept.map((ban) => ({ ban, roles: rolesOf(ban.host, bans.addressOf(ban)) }))
  judged.sort((one, other) => Number(other.roles !== "") - Number(one.roles !== "") || one.ban.at - other.ban.at)
  return {
    jail: visibleUnicode(bans.jail.name),
    rules: rulesText(bans.jail.rules),
    counted: bans.counted,
    notReplayed: bans.notReplayed,
    total: bans.total,
    hosts,
    prevented: bans.prevented,
    rows: judged.slice(0, most).map(
      ({ ban, roles }): BanRow => ({
        host: visible(bans.addressOf(ban)),
        at: ban.at,
        until: Number.isFinite(ban.until) ? Math.round(ban.until) : undefined,
        packets: ban.packets,
        prevented: ban.prevented,
        roles: visibleUnicode(roles, 120)
      })
    ),
    real
  }
}

const rulesText = ({ maxretry, findtime, bantime, increment }: BanRules): string => {
  const length = bantime === -1 ? "for ever" : `for ${duration(bantime)}`
  const grows = increment === undefined ? "" : ", longer for hosts that come back"
  return `${counted(maxretry, "packet")} within ${duration(findtime)} ban ${length}${grows}`
}
