import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import { type FormatName, formats } from "../format/Formats.ts"
import { gatherNeverBan, type NeverBanHost } from "../host/neverban/Sources.ts"
import { checkBans } from "./BansCheck.ts"
import type { Jail, Jails } from "./Fail2banJails.ts"
import { askServer, type ServerJail } from "./Fail2banServer.ts"
import { checkFilter, checkScanFilter } from "./FilterCheck.ts"
import { type Finding, failed, good, skipped, warning } from "./Finding.ts"
import { checkIgnoreip } from "./IgnoreipCheck.ts"

/** Whether a jail of fail2ban reads this log, blocks the hosts that it bans, and spares those that this host depends on. */
export const checkFail2ban = (
  { guard, log, scan }: Configuration,
  host: NeverBanHost,
  readJails: Effect.Effect<Jails>
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const read = yield* readJails
    if (read._tag === "Unknown") return [skipped("fail2ban", read.why)]
    if (read._tag === "Refused") return [refused(read.why)]
    const following = (file: string) => read.jails.filter(({ logs }) => logs.includes(file))
    const ofScans = scan.file === "" ? [] : following(scan.file)
    const jails = [
      ...following(log.file).map((jail) => ({ jail, file: log.file, isOfScans: false })),
      ...ofScans.map((jail) => ({ jail, file: scan.file, isOfScans: true }))
    ]
    const lacking = scan.file === "" || ofScans.length > 0 ? [] : [noScanJail(scan.file, read.withoutLog)]
    if (jails.length === 0) return [noJail(log.file, read.withoutLog), ...lacking]
    const list = yield* gatherNeverBan(host, guard.never)
    const findings = yield* Effect.forEach(jails, ({ jail, file, isOfScans }) =>
      Effect.gen(function* () {
        const server = yield* askServer(jail.name)
        return [
          good("jail", `${jail.name} reads ${file}`),
          ...serverFinding(server),
          yield* isOfScans ? checkScanFilter(jail) : checkFilter(jail),
          isOfScans ? scanFormatFinding(jail, log.format) : formatFinding(jail, log.format),
          ...checkIgnoreip(jail, server, list),
          ...(server._tag === "Running" ? yield* checkBans(jail) : [])
        ]
      })
    )
    return [...findings.flat(), ...lacking]
  })

/** fail2ban does not start with a configuration that it refuses. */
const refused = (why: string): Finding =>
  failed(
    "fail2ban",
    `fail2ban refuses its configuration: ${why}`,
    `Correct it, then: fail2ban-client -t${why.includes("%") ? ". In a value % begins a reference; an address may not have a zone here: fe80::1, not fe80::1%em0" : ""}`
  )

const serverFinding = (server: ServerJail): ReadonlyArray<Finding> => {
  if (server._tag === "Running") return []
  if (server._tag === "Unknown") return [skipped("fail2ban server", server.why)]
  return [warning("fail2ban server", `${server.why}: nobody gets banned`, "service fail2ban restart")]
}

const noJail = (file: string, withoutLog: ReadonlyArray<string>): Finding =>
  warning(
    "jail",
    `no enabled jail of fail2ban reads ${file}: nobody gets banned${withoutLog.length === 0 ? "" : ` (left out, since their log does not exist: ${withoutLog.join(", ")})`}`,
    'Put "[pfasciilogd]" and "enabled = true" into jail.d/pfasciilogd.local of fail2ban; start pfasciilogd, which creates the log; then: fail2ban-client reload'
  )

const noScanJail = (file: string, withoutLog: ReadonlyArray<string>): Finding =>
  warning(
    "jail",
    `no enabled jail of fail2ban reads ${file}: nobody gets banned for a scan${withoutLog.length === 0 ? "" : ` (left out, since their log does not exist: ${withoutLog.join(", ")})`}`,
    'Put "[pfasciilogd-scan]" and "enabled = true" into jail.d/pfasciilogd-scan.local of fail2ban; start pfasciilogd, which creates the log; then: fail2ban-client reload'
  )

/** Whatever the packets are written as, scans are text or JSON. */
const scanFormatFinding = (jail: Jail, format: FormatName): Finding =>
  format === "json"
    ? formatFinding(jail, format)
    : good("jail format", "the second log is in the form that the shipped filter reads")

const formatFinding = (jail: Jail, format: FormatName): Finding =>
  formats[format].isForFail2ban
    ? good("jail format", `the log is in the format that the shipped filter reads: ${format}`)
    : warning(
        "jail format",
        `the log's format is ${format}, which the filter shipped for fail2ban does not read`,
        `Set log.format to "ascii", or give the jail ${jail.name} a filter for ${format}.`
      )
