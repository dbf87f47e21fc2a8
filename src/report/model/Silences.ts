import type { Silence } from "./Report.ts"

/** So many seconds, or pieces of time where there are more, are told apart: about 5 MiB. */
const mostPieces = 1 << 16

/** A shorter gap is no silence, whatever is usual. */
const shortest = 300

/** So much longer than nearly all gaps (99 %, nights and bursts among them) a silence is. */
const factor = 8

/** With fewer gaps nothing is usual. */
const fewestGaps = 20

/** Tells when nothing was logged for far longer than usual. Packets may come in any order, as the logs of two interfaces do. */
export class Silences {
  private width = 1
  private pieces = new Set<number>()
  private latest = Number.NaN

  add(second: number): void {
    const piece = Math.floor(second / this.width)
    if (piece === this.latest) return
    this.latest = piece
    this.pieces.add(piece)
    if (this.pieces.size > mostPieces) this.widen()
  }

  /** The longest silences first, and the length that only one gap in a hundred exceeds. */
  finish(): { readonly silences: ReadonlyArray<Silence>; readonly usual: number } {
    const pieces = [...this.pieces].sort((one, other) => one - other)
    const gaps = pieces.slice(1).map((piece, index) => (piece - (pieces[index] ?? piece)) * this.width)
    const sorted = [...gaps].sort((one, other) => one - other)
    const usual = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0
    if (gaps.length < fewestGaps) return { silences: [], usual }
    const bound = Math.max(shortest, factor * usual)
    const silences = gaps.flatMap((gap, index) => {
      const from = (pieces[index] ?? 0) * this.width
      return gap > bound ? [{ from, to: from + gap }] : []
    })
    return { silences: silences.sort((one, other) => other.to - other.from - (one.to - one.from)), usual }
  }

  private widen(): void {
    this.width *= 2
    this.pieces = new Set([...this.pieces].map((piece) => Math.floor(piece / 2)))
    this.latest = Number.NaN
  }
}
