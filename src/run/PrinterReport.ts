import * as Effect from "effect/Effect"
import type { Notices } from "./Notices.ts"

/** Tells of printers that fail: once of each kind of thing, since a packet that can be sent once can be sent again and again. */
export class PrinterReport {
  readonly #notices: Notices
  #hasToldFailure = false
  #hasToldOwnWords = false

  constructor(notices: Notices) {
    this.#notices = notices
  }

  /** A printer has failed, in words that follow its name. */
  failed(why: string): Effect.Effect<void> {
    if (this.#hasToldFailure) return Effect.void
    this.#hasToldFailure = true
    return this.#notices.tell(
      "warning",
      `a tcpdump that prints ${why}. Nothing is lost: another one prints what it has not printed. This is logged once.`
    )
  }

  /** So many packets are written in our own words. */
  ownWords(records: number): Effect.Effect<void> {
    if (this.#hasToldOwnWords || records === 0) return Effect.void
    this.#hasToldOwnWords = true
    return this.#notices.tell(
      "warning",
      "what no tcpdump prints is logged in the words of the packet decoder (capture.decoder). This is logged once."
    )
  }
}
