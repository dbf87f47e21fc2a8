import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Configuration } from "../config/Configuration.ts"
import { scanRules } from "../config/ScanRules.ts"
import type { PfLogEntry } from "../decode/PfLogEntry.ts"
import type { NeverBanList } from "../host/neverban/NeverBanList.ts"
import { gatherNeverBan, type NeverBanHost, thisHost } from "../host/neverban/Sources.ts"
import type { LogFileError } from "../log/AppendFile.ts"
import { LineBuffer } from "../log/LineBuffer.ts"
import type { Scan } from "../scan/Scan.ts"
import { ScanDetector } from "../scan/ScanDetector.ts"
import { makeAsciiScanLine, makeJsonScanLine } from "../scan/ScanLine.ts"
import { isSpared } from "../scan/Spared.ts"
import type { Counters } from "./Counters.ts"
import { settleGrace } from "./Ending.ts"
import { type LogOutput, openOutput } from "./LogOutput.ts"
import { type Notices, systemClock } from "./Notices.ts"

/** The second log, with a line for each scan. */
export interface ScanLog {
  readonly output: LogOutput
  /** Looks at an entry. */
  readonly entry: (entry: PfLogEntry) => void
  /** No entry comes any more: the last scans are told, or given up with a warning where the never-ban list doesn't come. */
  readonly settle: Effect.Effect<void>
}

/** How often the never-ban list is gathered anew, and how long that may take. */
const refreshedEvery = Duration.minutes(5)
const gatheringLimit = Duration.seconds(30)

/** How many scans wait for the first never-ban list; more are given up. */
const mostHeld = 100_000

/** Opens the second log, and finds scans among what it is given, for as long as the scope is open. */
export const openScanLog = (
  { scan, log, guard }: Configuration,
  counters: Counters,
  notices: Notices,
  host: () => NeverBanHost = thisHost
): Effect.Effect<ScanLog, LogFileError, Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* openOutput(
      scan.file,
      log.mode,
      new LineBuffer(log.buffer),
      notices,
      "scan.file (--scan-file)"
    )
    const lineOf = log.format === "json" ? makeJsonScanLine() : makeAsciiScanLine()
    /** Scans wait here until it is known whom never to name. */
    let held: Array<Scan> = []
    let list: NeverBanList | undefined

    const tell = (found: Scan): void => {
      if (list === undefined) {
        if (held.length < mostHeld) held.push(found)
        else counters.scansGivenUp += 1
      } else if (isSpared(list, found.source)) counters.scansSpared += 1
      else {
        counters.scans += 1
        output.buffer.append(lineOf(found))
      }
    }
    const gather = Effect.suspend(() => gatherNeverBan(host(), guard.never)).pipe(
      Effect.timeoutOption(gatheringLimit),
      Effect.flatMap((gathered) =>
        Effect.sync(() => {
          if (gathered._tag === "Some") list = gathered.value
          if (list !== undefined) for (const found of held.splice(0)) tell(found)
        })
      )
    )
    const first = yield* Effect.forkScoped(gather)
    yield* Effect.forkScoped(Effect.zipRight(Fiber.join(first), Effect.forever(Effect.delay(gather, refreshedEvery))))

    const detector = new ScanDetector(scanRules(scan), tell)
    counters.forgottenSources = () => detector.forgotten
    const settle = Effect.gen(function* () {
      yield* Effect.timeoutOption(Effect.disconnect(Fiber.join(first)), settleGrace)
      counters.scansGivenUp += held.length
      held = []
      if (counters.scansGivenUp > 0)
        yield* notices.announce(
          "warning",
          `${counters.scansGivenUp} scans are not named: the never-ban list could not be gathered in time.`
        )
    })
    return { output, entry: (entry) => detector.entry(entry, systemClock()), settle }
  })
