import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type CaptureEnd, describeStatus } from "../capture/CaptureError.ts"
import type { Outcome } from "../capture/Supervisor.ts"
import type { Notices } from "./Notices.ts"

/** How often the same end is logged before it is only counted. */
const loggedInFull = 3

/** How many lines of a run that may be like the ones before are kept until that is known. */
const linesHeld = 20

/**
 * Logs what happens to tcpdump from run to run: its starts, its words and its ends. Where it fails the same way again and
 * again, that is logged a few times, then counted, so that a crash loop never fills the log.
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
    this.#logOrHold(() => this.#notices.note("info", `started tcpdump[${pid}] on ${source}`))
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
      this.#logOrHold(() => this.#notices.relay(this.#pid, line))
    }
  }

  /** This run is a good one, because bytes have come or it has lasted: logs what was held back. */
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
    if (this.#sameEnds < loggedInFull) return this.#notices.announce("warning", `${end} ${again}.`)
    if (this.#sameEnds === loggedInFull) {
      return this.#notices.announce("warning", `${end} ${again}, and so on; the same end is only counted from here on.`)
    }
    return isRound(this.#sameEnds)
      ? this.#notices.announce("warning", `${end} This is the same end for the ${this.#sameEnds}th time.`)
      : Effect.void
  }

  get #isRepeating(): boolean {
    return this.#sameEnds >= loggedInFull
  }

  #logOrHold(log: () => void): void {
    if (!this.#isRepeating) log()
    else if (this.#held.length < linesHeld) this.#held.push(log)
  }

  #release(): void {
    for (const log of this.#held.splice(0)) log()
  }

  #endRepetition(): void {
    const count = this.#sameLines
    this.#lastLine = ""
    this.#sameLines = 0
    if (count > 0) this.#logOrHold(() => this.#notices.relay(this.#pid, `(the same line ${count} times more)`))
  }
}

// tcpdump's advice to people at a terminal, and empty lines.
const unhelpful = /^(tcpdump: verbose output suppressed, .*|)$/

/** 10, 100, 1000, … */
const isRound = (count: number): boolean => /^10+$/.test(String(count))

const describeOutcome = (outcome: Outcome): string =>
  Either.isLeft(outcome) ? outcome.left.message : `tcpdump ${describeEnd(outcome.right)}.`

/** How a run of tcpdump ended, in words that follow its name. */
export const describeEnd = ({ status, problem, lastWords }: CaptureEnd): string =>
  `${describeStatus(status)}${problem === undefined ? "" : `, since ${problem.message}`}` +
  (lastWords.length === 0 ? "" : `, saying: ${lastWords.join(" | ")}`)
