import type * as Deferred from "effect/Deferred"
import type { Configuration } from "../config/Configuration.ts"
import type { LineBuffer } from "../log/LineBuffer.ts"
import type { Codec } from "./Codec.ts"
import type { Counters } from "./Counters.ts"
import type { Notices } from "./Notices.ts"
import type { ScanLog } from "./ScanLog.ts"

/** What the stages of the pipeline share. */
export interface Parts {
  readonly configuration: Configuration
  /** Done once we are told to stop. */
  readonly stop: Deferred.Deferred<void>
  readonly buffer: LineBuffer
  readonly codec: Codec
  readonly counters: Counters
  readonly notices: Notices
  /** The second log, where it is wanted. */
  readonly scans: ScanLog | undefined
}
