import * as Duration from "effect/Duration"

/** After so many printers in a row that have printed nothing none is tried for a while. */
const failuresBorne = 4
const shortestPause = Duration.seconds(1)
const longestPause = Duration.seconds(30)

/** Whether printers do their work: where none does, starting one for each packet would only add to the trouble. */
export class PrinterHealth {
  #failuresInRow = 0
  #pause = shortestPause
  #pausedUntil = 0

  good(): void {
    this.#failuresInRow = 0
    this.#pause = shortestPause
  }

  bad(now: number): void {
    this.#failuresInRow += 1
    if (this.#failuresInRow < failuresBorne) return
    this.#pausedUntil = now + Duration.toMillis(this.#pause)
    this.#pause = Duration.min(Duration.times(this.#pause, 2), longestPause)
  }

  isPaused(now: number): boolean {
    return now < this.#pausedUntil
  }
}
