import * as os from "node:os"
import type { Configuration } from "../config/Configuration.ts"
import type { Decoder } from "../decode/Decoder.ts"
import { decoders } from "../decode/Decoders.ts"
import type { PfLogEntry } from "../decode/PfLogEntry.ts"
import type { Format } from "../format/Format.ts"
import { formatNamed } from "../format/Formats.ts"
import { ChunkMemory } from "./ChunkMemory.ts"
import { systemClock } from "./Notices.ts"
import { makeTranscoder, type Tally, type Transcoder } from "./Transcoder.ts"

/** The decoder and the format that the configuration chooses, joined: how bytes of a capture become lines of the log. */
export interface Codec {
  /** The line of a notice. */
  readonly notice: Format["notice"]
  /**
   * What decodes and encodes one run of tcpdump.
   *
   * @param pid tcpdump's process number, under which lines that are no entries are logged
   */
  readonly transcoder: (tally: Tally, pid: number) => Transcoder
}

/** Joins what the configuration chooses, which `config` has checked to go together. */
export const codecOf = ({ capture, log }: Configuration): Codec => {
  const format = formatNamed(log.format)
  const options = { hostname: os.hostname(), pid: process.pid, syslog: log.syslog }
  switch (format.decoder) {
    case "any":
      return join(decoders[capture.decoder].make, format.make(options))
    case "packet":
      return join(decoders.packet.make, format.make(options))
  }
}

const join = <Entry extends PfLogEntry>(makeDecoder: () => Decoder<Entry>, format: Format<Entry>): Codec => {
  const memory = new ChunkMemory()
  return {
    notice: format.notice,
    transcoder: (tally, pid) => makeTranscoder(makeDecoder(), format, memory, tally, pid, systemClock)
  }
}
