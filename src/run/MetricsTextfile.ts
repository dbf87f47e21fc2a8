import * as Effect from "effect/Effect"
import type { Configuration } from "../config/Configuration.ts"
import { type NewFileError, replaceFile } from "../host/NewFile.ts"
import type { Counters } from "./Counters.ts"

/**
 * Writes the counters in Prometheus' text format, for the textfile collector of node_exporter, which never meets a part.
 *
 * @param source where the packets come from: the value of the label `interface`, which every metric carries. Without it
 *   node_exporter drops one of two instances, since their series are equal.
 */
export const writeTextfile = (path: string, source: string, counters: Counters): Effect.Effect<void, NewFileError> =>
  Effect.flatMap(
    Effect.promise(() => render(source, counters)),
    (content) => replaceFile(path, content, 0o644, mark)
  )

/** How our counters begin. */
const mark = "# HELP pfasciilogd_"

/** The label of an instance: its interface; saved captures have none, and their series must not pass for an interface's. */
export const sourceLabel = ({ read, interface: name }: Configuration["capture"]): string =>
  read.length === 0 ? name : "saved capture"

const render = async (source: string, counters: Counters): Promise<string> => {
  // Loaded only where a text file is asked for: it would slow down every start.
  const { Counter, Gauge, Registry } = await import("prom-client")
  const registry = new Registry()
  registry.setDefaultLabels({ interface: source })
  const registers = [registry]
  const counter = (name: string, help: string, value: number) =>
    new Counter({ name: `pfasciilogd_${name}_total`, help, registers }).inc(value)

  const entries = new Counter({
    name: "pfasciilogd_entries_total",
    help: "Packets that pf logged and that were written to the log, by pf's action.",
    labelNames: ["action"],
    registers
  })
  for (const [action, count] of counters.entriesByAction) entries.inc({ action }, count)
  counter(
    "unrecognised_lines",
    "Lines of tcpdump that are no entries; they are logged as notices.",
    counters.unrecognised
  )
  counter("written_bytes", "Bytes appended to the log.", counters.bytes)
  counter("rotations", "Times the log was opened anew upon HUP or USR1.", counters.rotations)
  counter("tcpdump_restarts", "Times tcpdump was started again.", counters.restarts)
  counter("write_retries", "Writes to the log that failed and were tried again.", counters.writeRetries)
  counter("kernel_received_packets", "Packets that the kernel had for tcpdump.", counters.kernel.received)
  counter(
    "kernel_dropped_packets",
    "Packets that the kernel dropped since tcpdump was too slow.",
    counters.kernel.dropped
  )
  if (counters.forgottenSources !== undefined) {
    counter("scans", "Scans that were told in the second log.", counters.scans)
    counter("scans_spared", "Scans not told, since a host of the never-ban list is their source.", counters.scansSpared)
    const forgotten = counters.forgottenSources()
    counter("scan_sources_forgotten", "Sources dropped by the scan detector while they still counted.", forgotten)
  }
  if (counters.lastEntry !== undefined) {
    const help = "When pf logged the last entry, in seconds since 1970."
    new Gauge({ name: "pfasciilogd_last_entry_timestamp_seconds", help, registers }).set(counters.lastEntry / 1e6)
  }
  return registry.metrics()
}
