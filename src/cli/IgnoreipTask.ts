import * as fs from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Configuration } from "../config/Configuration.ts"
import { ClientDumpError } from "../fail2ban/client/ClientDump.ts"
import { listName } from "../fail2ban/ignoreip/DropIn.ts"
import { type Placement, PlacementError, placeIgnoreip } from "../fail2ban/ignoreip/Placement.ts"
import { systemCall } from "../host/Errno.ts"
import type { NewFileError } from "../host/NewFile.ts"
import { type Network, parseAddress } from "../host/neverban/Network.ts"
import { type NeverBanEntry, type NeverBanList, reasonText } from "../host/neverban/NeverBanList.ts"
import { gatherNeverBan, thisHost } from "../host/neverban/Sources.ts"
import { usesColour } from "./Colour.ts"
import { CommandFailure } from "./CommandFailure.ts"
import { ExitStatus } from "./ExitStatus.ts"
import { print } from "./Print.ts"

/** What the command line asks for. */
export interface IgnoreipRequest {
  readonly json: boolean
  readonly check: Option.Option<string>
  readonly write: boolean
  readonly file: Option.Option<string>
}

/** The shipped jail. */
const jail = "pfasciilogd"

/** Where fail2ban keeps its jails: FreeBSD's and DragonFly's packages, Linux and OpenBSD, NetBSD's. */
const jailFolders = ["/usr/local/etc/fail2ban/jail.d", "/etc/fail2ban/jail.d", "/usr/pkg/etc/fail2ban/jail.d"]

/** Shows the list, looks an address up in it, or puts it in place for fail2ban. */
export const ignoreip = (request: IgnoreipRequest, { guard, log, scan }: Configuration) =>
  Effect.gen(function* () {
    const sought = yield* addressIn(request)
    const list = yield* gatherNeverBan(thisHost(), guard.never)
    if (sought !== undefined) return yield* showCovering(sought, list, request.json)
    if (!request.write) return yield* print(request.json ? listJson(list) : listTable(list, usesColour()))
    const file = Option.getOrUndefined(request.file) ?? (yield* defaultFile)
    const placement = yield* placeIgnoreip(file, jail, [log.file, scan.file], list.entries).pipe(
      Effect.mapError(asFailure)
    )
    yield* print(request.json ? JSON.stringify(placement, null, 2) : placementText(placement, list))
  })

/** The address to look up. Flags that exclude each other, and a text that is no address, are wrong usage. */
const addressIn = ({ check, file, write }: IgnoreipRequest): Effect.Effect<Network | undefined, CommandFailure> => {
  if (Option.isSome(file) && !write) return wrongUsage(`${file.value}: a FILE goes with --write.`)
  if (Option.isNone(check)) return Effect.succeed(undefined)
  if (write) return wrongUsage("--check and --write exclude each other.")
  const address = parseAddress(check.value)
  return address === undefined
    ? wrongUsage(`--check ${JSON.stringify(check.value)}: an IPv4 or IPv6 address is accepted.`)
    : Effect.succeed(address)
}

const wrongUsage = (problem: string) =>
  new CommandFailure({ status: ExitStatus.usage, message: `${problem} See "pfasciilogd ignoreip --help".` })

const showCovering = (sought: Network, list: NeverBanList, json: boolean): Effect.Effect<void, CommandFailure> => {
  const rows = list.covering(sought)
  const shown = json
    ? JSON.stringify({ address: sought.text, listed: rows.length > 0, by: rows.map(rowJson) }, null, 2)
    : coveringText(sought, rows)
  return Effect.zipRight(
    print(shown),
    Effect.sync(() => {
      process.exitCode = rows.length > 0 ? ExitStatus.ok : ExitStatus.findings
    })
  )
}

const coveringText = ({ text }: Network, rows: ReadonlyArray<NeverBanEntry>): string =>
  rows.length === 0
    ? `${text} is not on the list: it may be banned.`
    : rows
        .map((entry) => {
          const by = entry.network.text === text ? "" : ` in ${entry.network.text}`
          return `${text} is on the list${by}: ${reasonText(entry)}`
        })
        .join("\n")

const rowJson = ({ network, reasons }: NeverBanEntry) => ({ address: network.text, reasons })

const listJson = ({ entries }: NeverBanList): string => JSON.stringify({ never: entries.map(rowJson) }, null, 2)

const listTable = ({ entries }: NeverBanList, coloured: boolean): string => {
  const width = Math.max("ADDRESS".length, ...entries.map(({ network }) => network.text.length))
  const header = `${"ADDRESS".padEnd(width)}  NEVER BANNED, BECAUSE IT IS`
  const rows = entries.map((entry) => `${entry.network.text.padEnd(width)}  ${reasonText(entry)}`)
  return [coloured ? `\u001b[1m${header}\u001b[0m` : header, ...rows].join("\n")
}

const defaultFile = Effect.gen(function* () {
  for (const folder of jailFolders) {
    const exists = yield* systemCall<fs.Stats>((done) => fs.stat(folder, done)).pipe(
      Effect.map((stats) => stats.isDirectory()),
      Effect.orElseSucceed(() => false)
    )
    if (exists) return join(folder, listName)
  }
  return yield* new CommandFailure({
    status: ExitStatus.cantCreate,
    message: `fail2ban has no folder ${jailFolders.join(" or ")} here. Install fail2ban, or give --write a FILE.`
  })
})

const placementText = ({ changed, files, jails, tried }: Placement, { entries }: NeverBanList): string => {
  const what = `${entries.length} hosts and networks, for the jail ${jails.join(", ")}, in ${files.join(" and ")}`
  if (!tried)
    return `${changed ? "Wrote" : "Unchanged:"} ${what}. fail2ban reads it once it stands in its folder jail.d.`
  return changed ? `Wrote ${what}. For it to take effect: fail2ban-client reload` : `Unchanged: ${what}.`
}

const asFailure = (error: PlacementError | ClientDumpError | NewFileError): CommandFailure =>
  new CommandFailure({ status: statusOf(error), message: error.message })

const statusOf = (error: PlacementError | ClientDumpError | NewFileError): number => {
  if (error instanceof ClientDumpError) return ExitStatus.unavailable
  if (error instanceof PlacementError && error.reason === "outdone") return ExitStatus.findings
  return ExitStatus.cantCreate
}
