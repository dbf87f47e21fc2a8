import * as Effect from "effect/Effect"
import { parseNetwork } from "../host/neverban/Network.ts"
import { ask } from "../host/Program.ts"
import type { Jail } from "./Fail2banJails.ts"
import { bannedHosts, tableHosts } from "./Fail2banServer.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"

/** Whether pf's table has the hosts that fail2ban holds for banned, and no others. */
export const checkBans = ({ name, pf }: Jail): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    // The check of pf tells why pfctl doesn't.
    const info = yield* ask("pfctl", ["-s", "info"])
    if (info._tag !== "Ended" || info.status !== 0) return []
    if (pf === undefined) {
      const remedy = "Give it the action of the jail that we ship; see jail.d/pfasciilogd.conf of fail2ban."
      return [warning("bans", `no action of the jail ${name} puts bans into pf: nobody gets blocked`, remedy)]
    }
    const compare = comparison(name, pf)
    const first = yield* compare
    if (first === undefined) return [skipped("bans", "fail2ban or pfctl doesn't tell them; run this as root")]
    // A ban or its end may come between the two questions: what is a difference once more is one.
    const second = isEqual(first) ? first : ((yield* compare) ?? first)
    return differences(name, pf, {
      count: second.count,
      missing: both(first.missing, second.missing),
      extra: both(first.extra, second.extra)
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

const both = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): ReadonlyArray<string> =>
  one.filter((host) => other.includes(host))

const comparison = (name: string, pf: NonNullable<Jail["pf"]>): Effect.Effect<Comparison | undefined> =>
  Effect.gen(function* () {
    const banned = yield* bannedHosts(name)
    const table = yield* tableHosts(pf.anchor, pf.table)
    if (banned === undefined || table === undefined) return undefined
    const believed = new Set(banned.map(uniform))
    const blocked = new Set(table.map(uniform))
    return {
      count: believed.size,
      missing: [...believed].filter((host) => !blocked.has(host)),
      extra: [...blocked].filter((host) => !believed.has(host))
    }
  })

// An address of IPv6 has several forms.
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
            `fail2ban holds ${hosts(missing.length)} for banned that pf's table ${pf.table} lacks, and so doesn't block: ${told(missing)}`,
            `fail2ban-client reload --restart ${name}`
          )
        ]),
    ...(extra.length === 0
      ? []
      : [
          warning(
            "bans",
            `pf's table ${pf.table} has ${hosts(extra.length)} that fail2ban doesn't hold for banned, and so never lets in again: ${told(extra)}`,
            `pfctl -a ${pf.anchor} -t ${pf.table} -T delete ${extra.slice(0, mostTold).join(" ")}`
          )
        ])
  ]
  return findings.length > 0
    ? findings
    : [good("bans", `pf's table ${pf.table} has the ${hosts(count)} that ${name} has banned`)]
}

const hosts = (count: number): string => (count === 1 ? "1 host" : `${count} hosts`)

const mostTold = 8

const told = (list: ReadonlyArray<string>): string =>
  `${list.slice(0, mostTold).join(", ")}${list.length > mostTold ? `, and ${list.length - mostTold} more` : ""}`
