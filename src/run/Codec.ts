import * as os from "node:os"
import type { Configuration } from "../config/Configuration.ts"
import type { Decoder } from "../decode/Decoder.ts"
import type { PfLogEntry } from "../decode/PfLogEntry.ts"
import { makePacketDecoder } from "../decode/packet/PacketDecoder.ts"
import { makeTextDecoder } from "../decode/text/TextDecoder.ts"
import { makeAsciiFormat } from "../format/Ascii.ts"
import { makeFilterlogFormat } from "../format/Filterlog.ts"
import type { Format } from "../format/Format.ts"
import { makeJsonFormat } from "../format/Json.ts"
import { Output } from "../format/Output.ts"
import { systemClock } from "./Notices.ts"
import { makeTranscoder, type Tally, type Transcoder } from "./Transcoder.ts"

/** The decoder and the format that the configuration chooses, joined: how bytes of a capture become lines of the log. */
export interface Encoding {
  /** The line of a notice. */
  readonly notice: Format["notice"]
  /**
   * What decodes and encodes one run of tcpdump.
   *
   * @param pid tcpdump's process number, under which lines that are no entries are told
   */
  readonly transcoder: (tally: Tally, pid: number) => Transcoder
}

/** Joins what the configuration chooses. The format `filterlog` needs more than text tells: the packet decoder. */
export const encodingOf = ({ capture, log }: Configuration): Encoding => {
  if (log.format === "filterlog") {
    return join(
      makePacketDecoder,
      makeFilterlogFormat({ hostname: os.hostname(), pid: process.pid, syslog: log.syslog })
    )
  }
  const format = log.format === "json" ? makeJsonFormat() : makeAsciiFormat()
  return capture.decoder === "packet" ? join(makePacketDecoder, format) : join(makeTextDecoder, format)
}

const join = <Entry extends PfLogEntry>(makeDecoder: () => Decoder<Entry>, format: Format<Entry>): Encoding => {
  const output = new Output()
  return {
    notice: format.notice,
    transcoder: (tally, pid) => makeTranscoder(makeDecoder(), format, output, tally, pid, systemClock)
  }
}
