import { createHash } from "node:crypto"
import type { NeverBanEntry } from "../../host/neverban/NeverBanList.ts"

/**
 * The file with the list, in jail.d: fail2ban reads it last, so that the list adds to the `ignoreip` of a jail's own section, too.
 */
export const listName = "zzz-pfasciilogd-never.local"

/**
 * The file that comes first, before jail.local and all other files of an administrator. Nothing can be added to an `ignoreip` that
 * is not set: fail2ban would refuse to start.
 */
export const firstName = "000-pfasciilogd-never.conf"

/**
 * The content of one of our files.
 *
 * - `known`: the list adds to the `ignoreip` that the jail's section had before this file, or else to that of `[DEFAULT]`
 * - `default`: the list adds to the `ignoreip` of `[DEFAULT]`. A later file knows this file's value as the known one, which
 *   must not refer to itself.
 */
export interface DropIn {
  readonly addsTo: "known" | "default"
  /** Whether it gives `ignoreip` of `[DEFAULT]` an empty value, which any later file replaces. */
  readonly withDefault: boolean
  /** The jails that get the list; none in a file that only has the default. */
  readonly jails: ReadonlyArray<string>
}

/** The text of one of our files, with a seal that shows later edits. */
export const dropInText = ({ addsTo, jails, withDefault }: DropIn, entries: ReadonlyArray<NeverBanEntry>): string =>
  sealed(
    [...(withDefault ? ["[DEFAULT]\nignoreip =\n"] : []), ...jails.map((jail) => section(jail, addsTo, entries))].join(
      "\n"
    )
  )

/** Only addresses that we have printed ourselves, and words of ours, get into the file. */
const section = (jail: string, addsTo: DropIn["addsTo"], entries: ReadonlyArray<NeverBanEntry>): string => {
  const rows = entries.map(
    ({ network, reasons }) => `  ${network.text} ; ${reasons.map(({ role }) => role).join(", ")}\n`
  )
  return `[${jail}]\nignoreip = %(${addsTo}/ignoreip)s\n${rows.toSorted().join("")}`
}

const head = `# Written by "pfasciilogd ignoreip --write". fail2ban never bans these hosts, nor those that ignoreip names elsewhere.
# Put networks of your own into guard.never of pfasciilogd.toml. An edited file is never overwritten: remove it instead.
# Where a jail's own ignoreip should add to that of [DEFAULT], write %(default/ignoreip)s there, not %(known/ignoreip)s: beside
# this file that would refer to itself, and fail2ban would not start.
`

const sealed = (body: string): string => `${head}# sha256: ${digest(body)}\n\n${body}`

const digest = (body: string): string => createHash("sha256").update(body).digest("hex")

/** Whether a file is one of ours, and still as we wrote it. */
export const isUntouched = (text: string): boolean => {
  const [, seal, body] =
    /^# Written by "pfasciilogd .*\n(?:#.*\n)*# sha256: ([\da-f]{64})\n\n([\s\S]*)$/.exec(text) ?? []
  return body !== undefined && seal === digest(body)
}
