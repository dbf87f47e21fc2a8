import * as Context from "effect/Context"
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { runCapture } from "../capture/Capture.ts"
import type { Configuration as Settings } from "../config/Configuration.ts"
import type { LineBuffer } from "../log/LineBuffer.ts"
import type * as Coding from "./Codec.ts"
import type * as Count from "./Counters.ts"
import type { LogOutput } from "./LogOutput.ts"
import type * as Notice from "./Notices.ts"
import type * as Scans from "./ScanLog.ts"

// What the stages of the pipeline share. `Pipeline.ts` gives each service its layer; a test gives what it likes. A stage takes
// its services once, at its start: nothing that happens for each line goes through one.

/** What a person has configured. */
export class Configuration extends Context.Tag("run/Configuration")<Configuration, Settings>() {}

/** Done once the run must stop. */
export class Stop extends Context.Tag("run/Stop")<Stop, Deferred.Deferred<void>>() {}

/** How bytes of a capture, and notices, become lines. */
export class Codec extends Context.Tag("run/Codec")<Codec, Coding.Codec>() {}

/** The lines that wait for the main log. */
export class Lines extends Context.Tag("run/Lines")<Lines, LineBuffer>() {}

/** What has happened since the start. */
export class Counters extends Context.Tag("run/Counters")<Counters, Count.Counters>() {}

/** What writes notices. */
export class Notices extends Context.Tag("run/Notices")<Notices, Notice.Notices>() {}

/** The main log. */
export class MainLog extends Context.Tag("run/MainLog")<MainLog, LogOutput>() {}

/** The second log, where it is wanted. */
export class ScanLog extends Context.Tag("run/ScanLog")<ScanLog, Scans.ScanLog | undefined>() {}

/** What runs a tcpdump once. */
export class Capture extends Context.Tag("run/Capture")<Capture, { readonly run: typeof runCapture }>() {}

/** All logs: the main one, and the second one where it is wanted. */
export const allLogs: Effect.Effect<ReadonlyArray<LogOutput>, never, MainLog | ScanLog> = Effect.zipWith(
  MainLog,
  ScanLog,
  (main, scans) => (scans === undefined ? [main] : [main, scans.output])
)
