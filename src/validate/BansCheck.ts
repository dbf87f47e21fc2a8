import * as Effect from "effect/Effect"
import { parseNetwork } from "../host/neverban/Network.ts"
import { ask } from "../host/Program.ts"
import type { Jail } from "./Fail2banJails.ts"
import { bannedHosts, tableHosts } from "./Fail2banServer.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"

/** Whether pf's table has exactly the hosts that fail2ban has banned. */
export const checkBans = ({ name, pf }: Jail): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    // The check of pf reports why pfctl fails.
    const info = yield* ask("pfctl", ["-s", "info"])
    if (info._tag !== "Ended" || info.status !== 0) return []
    if (pf === undefined) {
      const remedy = "Give it the action of the shipped jail; see jail.d/pfasciilogd.conf of fail2ban."
      return [warning("bans", `no action of the jail ${name} puts bans into pf: nobody gets blocked`, remedy)]
    }
    const compare = comparison(name, pf)
    const first = yield* compare
    if (first === undefined) return [skipped("bans", "fail2ban or pfctl does not list them; run this as root")]
    // A ban may begin or end between the two questions, so only a difference that is found twice counts.
    const second = isEqual(first) ? first : ((yield* compare) ?? first)
    return differences(name, pf, {
      count: second.count,
      missing: inBoth(first.missing, second.missing),
      extra: inBoth(first.extra, second.extra)
    })
  })

interface Comparison {
  readonly count: number
  /** Banned, and not in the table. */
  readonly missing: ReadonlyArray<string>
  /** In the table, and not banned. */
  readonly extra: ReadonlyArray<string>
}

const isEqual = ({ missing, extra }: Comparison): boolean => missing.length + extra.length === 0

const inBoth = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): ReadonlyArray<string> =>
  one.filter((host) => other.includes(host))

const comparison = (name: string, pf: NonNullable<Jail["pf"]>): Effect.Effect<Comparison | undefined> =>
  Effect.gen(function* () {
    const banned = yield* bannedHosts(name)
    const table = yield* tableHosts(pf.anchor, pf.table)
    if (banned === undefined || table === undefined) return undefined
    const inFail2ban = new Set(banned.map(uniform))
    const inTable = new Set(table.map(uniform))
    return {
      count: inFail2ban.size,
      missing: [...inFail2ban].filter((host) => !inTable.has(host)),
      extra: [...inTable].filter((host) => !inFail2ban.has(host))
    }
  })

// An IPv6 address can be written in several ways.
const uniform = (host: string): string => parseNetwork(host)?.text ?? host

const differences = (
  name: string,
  pf: NonNullable<Jail["pf"]>,
  { count, missing, extra }: Comparison
): ReadonlyArray<Finding> => {
  const findings = [
    ...(missing.length === 0
      ? []
      : [
          failed(
            "bans",
            `pf does not block ${hosts(missing.length)} that fail2ban has banned, because its table ${pf.table} lacks ${missing.length === 1 ? "it" : "them"}: ${listed(missing)}`,
            `fail2ban-client reload --restart ${name}`
          )
        ]),
    ...(extra.length === 0
      ? []
      : [
          warning(
            "bans",
            `pf's table ${pf.table} has ${hosts(extra.length)} that fail2ban has not banned, and so will never unban: ${listed(extra)}`,
            `pfctl -a ${pf.anchor} -t ${pf.table} -T delete ${extra.slice(0, mostListed).join(" ")}`
          )
        ])
  ]
  return findings.length > 0
    ? findings
    : [good("bans", `pf's table ${pf.table} has the ${hosts(count)} that ${name} has banned`)]
}

const hosts = (count: number): string => (count === 1 ? "1 host" : `${count} hosts`)

const mostListed = 8

const listed = (list: ReadonlyArray<string>): string =>
  `${list.slice(0, mostListed).join(", ")}${list.length > mostListed ? `, and ${list.length - mostListed} more` : ""}`
