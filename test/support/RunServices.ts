import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Flags, resolveConfiguration } from "../../src/config/Sources.ts"
import { LineBuffer } from "../../src/log/LineBuffer.ts"
import type { LogFile } from "../../src/log/LogFile.ts"
import { codecOf } from "../../src/run/Codec.ts"
import { Counters } from "../../src/run/Counters.ts"
import type { LogOutput } from "../../src/run/LogOutput.ts"
import type { Notices } from "../../src/run/Notices.ts"
import * as Service from "../../src/run/Services.ts"

/** A log file without a file: each operation succeeds unless a test says otherwise. */
export const fakeLog = (path: string, buffer: LineBuffer, file: Partial<LogFile> = {}): LogOutput => ({
  path,
  buffer,
  log: { path, write: () => Effect.void, rotate: Effect.void, giveUp: Effect.void, partlyWritten: () => 0, ...file },
  notHeld: undefined,
  unwritten: () => buffer.size
})

/**
 * The services of a run for the test of one stage: the real configuration, codec, buffer and counters; notices that are only
 * remembered, as "level: message"; a log without a file.
 *
 * @param flags the settings that matter, as the flags of `run`
 */
export const makeRunServices = (flags: Flags, file: Partial<LogFile> = {}) =>
  Effect.gen(function* () {
    const configuration = yield* resolveConfiguration({ decoder: "packet", ...flags }, undefined)
    const noticed: Array<string> = []
    const relayed: Array<string> = []
    const notices: Notices = {
      announce: (level, message) => Effect.sync(() => void noticed.push(`${level}: ${message}`)),
      note: (level, message) => void noticed.push(`${level}: ${message}`),
      relay: (_pid, message) => void relayed.push(message)
    }
    const counters = new Counters()
    const lines = new LineBuffer(configuration.log.buffer)
    const stop = yield* Deferred.make<void>()
    const main = fakeLog(configuration.log.file, lines, file)
    const layer = Layer.mergeAll(
      Layer.succeed(Service.Configuration, configuration),
      Layer.succeed(Service.Stop, stop),
      Layer.succeed(Service.Codec, codecOf(configuration)),
      Layer.succeed(Service.Lines, lines),
      Layer.succeed(Service.Counters, counters),
      Layer.succeed(Service.Notices, notices),
      Layer.succeed(Service.MainLog, main),
      Layer.succeed(Service.ScanLog, undefined)
    )
    return { configuration, noticed, relayed, notices, counters, lines, stop, main, layer }
  })
