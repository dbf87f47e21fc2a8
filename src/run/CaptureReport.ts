import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type CaptureEnd, describeStatus } from "../capture/CaptureError.ts"
import type { Outcome } from "../capture/Supervisor.ts"
import type { Notices } from "./Notices.ts"

/** How often the same end is told in full before it is only counted. */
const toldInFull = 3

/** How many lines of a run that may be like the ones before are kept until that is known. */
const linesHeld = 20

/**
 * Tells what happens to tcpdump from run to run: its starts, its words and its ends. A tcpdump that fails the same way again
 * and again is told in full a few times, then counted, so that a crash loop never fills the log.
 */
export class CaptureReport {
  readonly #notices: Notices
  #pid = 0
  #lastEnd = ""
  #sameEnds = 0
  #held: Array<() => void> = []
  #lastLine = ""
  #sameLines = 0

  constructor(notices: Notices) {
    this.#notices = notices
  }

  /** tcpdump has started. */
  started(pid: number, source: string): void {
    this.#pid = pid
    this.#tellOrHold(() => this.#notices.note("info", `started tcpdump[${pid}] on ${source}`))
  }

  /** tcpdump has written lines to stderr. */
  said(lines: ReadonlyArray<string>): void {
    for (const line of lines) {
      if (unhelpful.test(line)) continue
      if (line === this.#lastLine) {
        this.#sameLines += 1
        continue
      }
      this.#endRepetition()
      this.#lastLine = line
      this.#tellOrHold(() => this.#notices.relay(this.#pid, line))
    }
  }

  /** This run is a good one, since bytes have come or it has lasted: what was held back is told. */
  proved(): void {
    if (this.#sameEnds === 0) return
    if (this.#isRepeating) this.#notices.note("info", `the end before came ${this.#sameEnds} times: ${this.#lastEnd}`)
    this.#sameEnds = 0
    this.#release()
  }

  /** tcpdump has ended, or could not be started, and will be started again. */
  ended(outcome: Outcome, delay: Duration.Duration): Effect.Effect<void> {
    this.#endRepetition()
    const end = describeOutcome(outcome)
    if (end !== this.#lastEnd) {
      this.proved()
      this.#lastEnd = end
      this.#sameEnds = 0
    }
    this.#sameEnds += 1
    this.#held = []
    const again = `Starting it again in ${Duration.toSeconds(delay).toFixed(1)} s`
    if (this.#sameEnds < toldInFull) return this.#notices.tell("warning", `${end} ${again}.`)
    if (this.#sameEnds === toldInFull) {
      return this.#notices.tell("warning", `${end} ${again}, and so on; the same end is only counted from here on.`)
    }
    return isRound(this.#sameEnds)
      ? this.#notices.tell("warning", `${end} This is the same end for the ${this.#sameEnds}th time.`)
      : Effect.void
  }

  get #isRepeating(): boolean {
    return this.#sameEnds >= toldInFull
  }

  #tellOrHold(tell: () => void): void {
    if (!this.#isRepeating) tell()
    else if (this.#held.length < linesHeld) this.#held.push(tell)
  }

  #release(): void {
    for (const tell of this.#held.splice(0)) tell()
  }

  #endRepetition(): void {
    const count = this.#sameLines
    this.#lastLine = ""
    this.#sameLines = 0
    if (count > 0) this.#tellOrHold(() => this.#notices.relay(this.#pid, `(the same line ${count} times more)`))
  }
}

// tcpdump's advice to whoever sits at a terminal, and empty lines.
const unhelpful = /^(tcpdump: verbose output suppressed, .*|)$/

/** 10, 100, 1000, … */
const isRound = (count: number): boolean => /^10+$/.test(String(count))

const describeOutcome = (outcome: Outcome): string =>
  Either.isLeft(outcome) ? outcome.left.message : `tcpdump ${describeEnd(outcome.right)}.`

/** How a run of tcpdump ended, in words that follow its name. */
export const describeEnd = ({ status, problem, lastWords }: CaptureEnd): string =>
  `${describeStatus(status)}${problem === undefined ? "" : `, since ${problem.message}`}` +
  (lastWords.length === 0 ? "" : `, saying: ${lastWords.join(" | ")}`)
