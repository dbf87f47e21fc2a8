import type { PacketEntry } from "../decode/packet/PacketEntry.ts"
import type { Format, FormatOptions } from "./Format.ts"
import { filterlogCsv } from "./filterlog/Csv.ts"
import { makeSyslogLine, type Speaker } from "./filterlog/Syslog.ts"

/**
 * Makes the format `filterlog`: what filterlog of pfSense and OPNsense sends to syslog, as syslog keeps it. Packets are
 * filterlog's, on facility local0; notices stand under their own program's name, on facility daemon.
 *
 * @example
 * Nov 22 06:16:54 fw filterlog[4711]: 17,,,0,vtnet0,match,block,in,4,0x0,,64,1,0,DF,6,tcp,60,192.0.2.1,198.51.100.10,41854,22,0,S,1,,64240,,mss;sackOK
 */
export const makeFilterlogFormat = ({ hostname, pid, syslog }: FormatOptions): Format<PacketEntry> => {
  const line = makeSyslogLine(syslog, hostname)
  const filterlog: Speaker = { program: "filterlog", pid, facility: "local0", level: "info" }
  return {
    entry: (entry) => line(entry.time, filterlog, filterlogCsv(entry)),
    notice: ({ time, level, process, pid: speaker, message }) =>
      line(time, { program: process, pid: speaker, facility: "daemon", level }, message)
  }
}
