import type { DecoderName } from "../decode/Decoders.ts"
import type { PfLogEntry } from "../decode/PfLogEntry.ts"
import type { PacketEntry } from "../decode/packet/PacketEntry.ts"
import { makeAsciiFormat } from "./Ascii.ts"
import { makeFilterlogFormat } from "./Filterlog.ts"
import type { Format, FormatOptions } from "./Format.ts"
import { makeJsonFormat } from "./Json.ts"

interface FormatOf<Needs extends DecoderName | "any", Entry extends PfLogEntry> {
  /** What it writes, in a few words for the documentation. */
  readonly summary: string
  /** The decoder whose entries it needs, where it writes more than every entry has. */
  readonly decoder: Needs
  /** Whether the filter that is shipped for fail2ban reads it. */
  readonly isForFail2ban: boolean
  readonly make: (options: FormatOptions) => Format<Entry>
}

/** One format that the configuration can choose. */
export type FormatKind = FormatOf<"any", PfLogEntry> | FormatOf<"packet", PacketEntry>

/**
 * All formats by their names in the configuration (`log.format`). The setting, its documentation and the checks of the
 * configuration derive from this table. A new format is a module beside this one and an entry here; the tests then name the
 * documents that lack it, and try it on hostile packets.
 */
export const formats = {
  ascii: { summary: "tcpdump's text", decoder: "any", isForFail2ban: true, make: makeAsciiFormat },
  json: { summary: "ECS", decoder: "any", isForFail2ban: false, make: makeJsonFormat },
  filterlog: { summary: "pfSense's CSV", decoder: "packet", isForFail2ban: false, make: makeFilterlogFormat }
} as const satisfies Readonly<Record<string, FormatKind>>

/** The name of a format. */
export type FormatName = keyof typeof formats

/** The format of a name. */
export const formatNamed = (name: FormatName): FormatKind => formats[name]

/** The one decoder that a format can do with; `undefined` where any will do. */
export const decoderNeededBy = (name: FormatName): DecoderName | undefined => {
  const { decoder } = formatNamed(name)
  return decoder === "any" ? undefined : decoder
}
