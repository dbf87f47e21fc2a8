import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import type { HostFiles } from "../host/System.ts"
import type { Jail, Jails } from "./Fail2banJails.ts"
import { checkFilter } from "./FilterCheck.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"
import { findNeighbours, isCovered, type Neighbour } from "./Neighbours.ts"

/** Whether a jail of fail2ban reads this log, and spares those whom this host depends on. */
export const checkFail2ban = (
  { log }: Configuration,
  files: HostFiles,
  readJails: Effect.Effect<Jails>
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const read = yield* readJails
    if (read._tag === "Unknown") return [skipped("fail2ban", read.why)]
    const jails = read.jails.filter(({ logs }) => logs.includes(log.file))
    if (jails.length === 0) return [noJail(log.file, read.withoutLog)]
    const neighbours = yield* findNeighbours(files)
    return jails.flatMap((jail) => [
      good("jail", `${jail.name} reads ${log.file}`),
      checkFilter(jail),
      formatFinding(jail, log.format),
      ignoreipFinding(jail, neighbours)
    ])
  })

const noJail = (file: string, withoutLog: ReadonlyArray<string>): Finding =>
  warning(
    "jail",
    `no enabled jail of fail2ban reads ${file}: nobody gets banned${withoutLog.length === 0 ? "" : ` (left out, since their log doesn't exist: ${withoutLog.join(", ")})`}`,
    'Put "[pfasciilogd]" and "enabled = true" into jail.d/pfasciilogd.local of fail2ban; start pfasciilogd, which creates the log; then: fail2ban-client reload'
  )

const formatFinding = (jail: Jail, format: Configuration["log"]["format"]): Finding =>
  format === "ascii"
    ? good("jail format", "the log is in the format that the shipped filter reads: ascii")
    : warning(
        "jail format",
        `the log's format is ${format}, which the filter shipped for fail2ban doesn't read`,
        `Set log.format to "ascii", or give the jail ${jail.name} a filter for ${format}.`
      )

const ignoreipFinding = (jail: Jail, neighbours: ReadonlyArray<Neighbour>): Finding => {
  const bannable = neighbours.filter(
    ({ address, role }) => !(role === "this host" && jail.ignoreself) && !isCovered(address, jail.ignoreip)
  )
  if (bannable.length === 0) {
    return good("ignoreip", `${jail.name} spares this host, its gateway and its resolvers`)
  }
  const told = bannable.map(({ address, role }) => `${address} (${role})`).join(", ")
  return failed(
    "ignoreip",
    `${jail.name} may ban ${told}: that would cut this host off`,
    `ignoreip = ${[...jail.ignoreip, ...bannable.map(({ address }) => address)].join(" ")}`
  )
}
