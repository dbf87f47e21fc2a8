import * as Effect from "effect/Effect"
import type { Counters } from "./Counters.ts"
import type { Notices } from "./Notices.ts"

/** Counts that printers fail, and logs each kind of failure once: a packet that can be sent once can be sent again and again. */
export class PrinterReport {
  readonly #counters: Pick<Counters, "printerFailures" | "ownWords">
  readonly #notices: Notices
  #hasLoggedFailure = false
  #hasLoggedOwnWords = false

  constructor(counters: Pick<Counters, "printerFailures" | "ownWords">, notices: Notices) {
    this.#counters = counters
    this.#notices = notices
  }

  /** A printer has failed, in words that follow its name. */
  failed(why: string): Effect.Effect<void> {
    this.#counters.printerFailures += 1
    if (this.#hasLoggedFailure) return Effect.void
    this.#hasLoggedFailure = true
    return this.#notices.announce(
      "warning",
      `a tcpdump that prints ${why}. Nothing is lost: another one prints what it has not printed. This is logged once.`
    )
  }

  /** So many packets are written in our own words. */
  ownWords(records: number): Effect.Effect<void> {
    this.#counters.ownWords += records
    if (this.#hasLoggedOwnWords || records === 0) return Effect.void
    this.#hasLoggedOwnWords = true
    return this.#notices.announce(
      "warning",
      "what no tcpdump prints is logged in the words of the packet decoder (capture.decoder). This is logged once."
    )
  }
}
