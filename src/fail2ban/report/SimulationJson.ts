import type { JailSpec } from "../replay/JailSpec.ts"
import type { SimulatedBan, SimulationResult } from "../replay/Simulation.ts"

/** The result for programs: times in RFC 3339 (UTC), durations in seconds; `until` is null for ever. */
export const simulationJson = (jail: JailSpec, result: SimulationResult): string => {
  const { rules } = jail
  return JSON.stringify(
    {
      jail: {
        name: jail.name,
        maxretry: rules.maxretry,
        findtime: rules.findtime,
        bantime: rules.bantime,
        increment: rules.increment ?? null,
        ignoreip: jail.ignoreip,
        recidive: jail.recidive ?? null
      },
      lines: result.lines,
      entries: result.entries,
      counted: result.counted,
      ignored: result.ignored,
      undated: result.undated,
      named: result.named,
      from: result.first === undefined ? null : timeOf(result.first),
      to: result.last === undefined ? null : timeOf(result.last),
      bans: result.bans.map(banJson),
      recidive: result.recidiveBans.map(({ at, until }) => ({ at: timeOf(at), until: timeOf(until) })),
      bannedIfLate: result.bannedIfLate,
      grid: result.grid,
      scans: result.scans
    },
    null,
    2
  )
}

const banJson = ({ ban, host, roles, isWorrying, dependsOnCleanUp }: SimulatedBan) => ({
  host: host.address,
  at: timeOf(ban.at),
  until: timeOf(ban.until),
  ...(ban.spread === 0 ? {} : { untilAtMost: timeOf(ban.until + ban.spread) }),
  packets: ban.packets,
  prevented: ban.prevented,
  delay: ban.delay,
  ports: host.ports,
  protocols: host.protocols,
  role: roles.length === 0 ? null : roles.join(", "),
  worrying: isWorrying,
  forgeable: !host.proven,
  dependsOnCleanUp
})

/** The latest time that a JavaScript date can hold, in seconds. */
const latest = 8_640_000_000_000

const timeOf = (seconds: number): string | null =>
  seconds > latest ? null : new Date(seconds * 1000).toISOString().replace(".000Z", "Z")
