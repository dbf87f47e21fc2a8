const minute = 60
const hour = 3600
const day = 86_400

/** Lengths of a step, in seconds; each is a multiple of the one before. */
const lengths = [minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 7 * day, 28 * day]

/** More steps than this are joined to longer ones: a page shows a column or a row of a table for each. */
const mostSteps = 240

/** Numbers over time, in steps that grow with the time that they cover. What comes in any order is summed exactly. */
export class TimeSteps {
  private length = minute
  private steps = new Map<number, [blocked: number, bans: number]>()
  private lowest = Number.POSITIVE_INFINITY
  private highest = Number.NEGATIVE_INFINITY
  /** Seconds that local time is ahead of UTC, so that a day begins at midnight. */
  private ahead: number | undefined

  blocked(second: number): void {
    const step = this.stepOf(second)
    step[0] += 1
  }

  ban(second: number): void {
    const step = this.stepOf(second)
    step[1] += 1
  }

  /** All steps, from the first to the last, those without a packet included. */
  finish() {
    const steps = []
    const ahead = this.ahead ?? 0
    for (let index = this.lowest; index <= this.highest; index++) {
      const [blocked, bans] = this.steps.get(index) ?? [0, 0]
      steps.push({ start: index * this.length - ahead, blocked, bans })
    }
    return { step: this.length, steps }
  }

  private stepOf(second: number): [number, number] {
    this.ahead ??= -60 * new Date(second * 1000).getTimezoneOffset()
    const local = second + this.ahead
    const known = this.steps.get(Math.floor(local / this.length))
    if (known !== undefined) return known
    this.include(Math.floor(local / this.length))
    while (this.highest - this.lowest >= mostSteps) this.lengthen()
    const index = Math.floor(local / this.length)
    const step = this.steps.get(index) ?? [0, 0]
    this.steps.set(index, step)
    return step
  }

  private include(index: number): void {
    this.lowest = Math.min(this.lowest, index)
    this.highest = Math.max(this.highest, index)
  }

  private lengthen(): void {
    const old = this.length
    const longer = lengths.find((length) => length > old) ?? old * 4
    const index = (step: number) => Math.floor((step * old) / longer)
    const steps = new Map<number, [number, number]>()
    for (const [step, [blocked, bans]] of this.steps) {
      const [moreBlocked, moreBans] = steps.get(index(step)) ?? [0, 0]
      steps.set(index(step), [blocked + moreBlocked, bans + moreBans])
    }
    this.steps = steps
    this.length = longer
    this.lowest = index(this.lowest)
    this.highest = index(this.highest)
  }
}
