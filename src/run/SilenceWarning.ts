import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Service from "./Services.ts"

/** Warns where pf has logged nothing for `capture.silence_warning`, once until an entry comes; without that setting never. */
export const warnOfSilence: Effect.Effect<void, never, Service.Configuration | Service.Counters | Service.Notices> =
  Effect.gen(function* () {
    const { capture } = yield* Service.Configuration
    const counters = yield* Service.Counters
    const notices = yield* Service.Notices
    const limit = capture.silenceWarning
    if (Duration.equals(limit, Duration.zero)) return
    const warning =
      `no entry for ${Duration.format(limit)}: does pf still log to ${capture.interface}? ` +
      'Look at "pfctl -s info" and "pfctl -s rules".'
    for (let warned = false; ; ) {
      const before = counters.entries
      yield* Effect.sleep(limit)
      const silent = counters.entries === before
      if (silent && !warned) yield* notices.announce("warning", warning)
      warned = silent
    }
  })
