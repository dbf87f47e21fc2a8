import type { Decoder } from "./Decoder.ts"
import type { PfLogEntry } from "./PfLogEntry.ts"
import { makePacketDecoder } from "./packet/PacketDecoder.ts"
import { makeTextDecoder } from "./text/TextDecoder.ts"

/** One decoder that the configuration can choose. */
export interface DecoderKind<Entry extends PfLogEntry> {
  /** What it does, in a few words for the documentation. */
  readonly summary: string
  /** What it reads: the lines that tcpdump prints, or the pcap records that tcpdump captures. */
  readonly reads: "lines" | "records"
  /** Makes one for one run of tcpdump. */
  readonly make: () => Decoder<Entry>
}

/**
 * All decoders by their names in the configuration (`capture.decoder`). The setting, its documentation and tcpdump's
 * arguments derive from this table.
 */
export const decoders = {
  text: { summary: "tcpdump prints lines", reads: "lines", make: makeTextDecoder },
  packet: { summary: "tcpdump hands the packets on", reads: "records", make: makePacketDecoder }
} as const satisfies Readonly<Record<string, DecoderKind<PfLogEntry>>>

/** The name of a decoder. */
export type DecoderName = keyof typeof decoders
