import { createHash } from "node:crypto"
import type { NeverBanEntry } from "../../host/neverban/NeverBanList.ts"

/**
 * The file with the list, beside the jail: fail2ban reads it last, so that it adds also to what a jail's own section says.
 */
export const listName = "zzz-pfasciilogd-never.local"

/**
 * The file that comes first, before jail.local and whatever else an administrator writes. An `ignoreip` that nobody has set cannot
 * be added to: fail2ban as a whole would refuse to start.
 */
export const firstName = "000-pfasciilogd-never.conf"

/**
 * What one of our files is to hold.
 *
 * - `known`: the list adds to what the jail's section had before this file, or else to `[DEFAULT]`'s
 * - `default`: it adds to `[DEFAULT]`'s. What a later file then calls known is this file's value, and may not lead back to itself.
 */
export interface DropIn {
  readonly addsTo: "known" | "default"
  /** Gives `ignoreip` of `[DEFAULT]` an empty value, which whoever sets one later replaces. */
  readonly withDefault: boolean
  /** The jails that get the list; none for a file with the default alone. */
  readonly jails: ReadonlyArray<string>
}

/** The text of one of our files, sealed. */
export const dropInText = ({ addsTo, jails, withDefault }: DropIn, entries: ReadonlyArray<NeverBanEntry>): string =>
  sealed(
    [...(withDefault ? ["[DEFAULT]\nignoreip =\n"] : []), ...jails.map((jail) => section(jail, addsTo, entries))].join(
      "\n"
    )
  )

/** Only addresses that we have written ourselves and words of ours get into the file. */
const section = (jail: string, addsTo: DropIn["addsTo"], entries: ReadonlyArray<NeverBanEntry>): string => {
  const rows = entries.map(
    ({ network, reasons }) => `  ${network.text} ; ${reasons.map(({ role }) => role).join(", ")}\n`
  )
  return `[${jail}]\nignoreip = %(${addsTo}/ignoreip)s\n${rows.toSorted().join("")}`
}

const head = `# Written by "pfasciilogd ignoreip --write". fail2ban never bans these hosts, beside those that ignoreip names elsewhere.
# Networks of your own belong into guard.never of pfasciilogd.toml. An edited file is never overwritten: remove it instead.
# Where a jail's own ignoreip shall add to [DEFAULT]'s, write %(default/ignoreip)s there, not %(known/ignoreip)s: beside this
# file that would lead in a circle, and fail2ban would not start.
`

const sealed = (body: string): string => `${head}# sha256: ${digest(body)}\n\n${body}`

const digest = (body: string): string => createHash("sha256").update(body).digest("hex")

/** Whether a file is one of ours and as we wrote it. */
export const isUntouched = (text: string): boolean => {
  const [, seal, body] =
    /^# Written by "pfasciilogd .*\n(?:#.*\n)*# sha256: ([\da-f]{64})\n\n([\s\S]*)$/.exec(text) ?? []
  return body !== undefined && seal === digest(body)
}
