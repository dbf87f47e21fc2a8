import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Configuration } from "../config/Configuration.ts"
import { type NewFileError, replaceFile } from "../host/NewFile.ts"
import type { Counters } from "./Counters.ts"
import { giveUpGrace } from "./LogOutput.ts"
import * as Service from "./Services.ts"

/**
 * Writes the counters for Prometheus every `metrics.interval`, and at the end, where `metrics.textfile` names a file.
 *
 * @param write writes the file once
 */
export const keepTextfile = (
  write: typeof writeTextfile = writeTextfile
): Effect.Effect<void, never, Scope.Scope | Service.Configuration | Service.Counters | Service.Notices> =>
  Effect.gen(function* () {
    const { capture, metrics } = yield* Service.Configuration
    const counters = yield* Service.Counters
    const notices = yield* Service.Notices
    if (metrics.textfile === "") return
    let failing = false
    const writeOnce = write(metrics.textfile, sourceLabel(capture), counters).pipe(
      Effect.tap(() => {
        failing = false
      }),
      Effect.catchAll((error) => {
        const hasWarned = failing
        failing = true
        return hasWarned ? Effect.void : notices.announce("warning", `can't write metrics.textfile ${error.message}`)
      })
    )
    // The last one must not hold up the stop.
    const last = writeOnce.pipe(Effect.disconnect, Effect.interruptible, Effect.timeoutOption(giveUpGrace))
    yield* Effect.addFinalizer(() => last)
    yield* Effect.forever(Effect.delay(writeOnce, metrics.interval))
  })

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
  counter("printer_failures", "Printing tcpdumps that failed and were replaced.", counters.printerFailures)
  counter(
    "own_words",
    "Packets logged in the words of the packet decoder since no tcpdump has printed them.",
    counters.ownWords
  )
  if (counters.forgottenSources !== undefined) {
    counter("scans", "Scans that the second log names.", counters.scans)
    counter(
      "scans_spared",
      "Scans not named, since a host of the never-ban list is their source.",
      counters.scansSpared
    )
    const forgotten = counters.forgottenSources()
    counter("scan_sources_forgotten", "Sources dropped by the scan detector while they still counted.", forgotten)
  }
  if (counters.lastEntry !== undefined) {
    const help = "When pf logged the last entry, in seconds since 1970."
    new Gauge({ name: "pfasciilogd_last_entry_timestamp_seconds", help, registers }).set(counters.lastEntry / 1e6)
  }
  return registry.metrics()
}
