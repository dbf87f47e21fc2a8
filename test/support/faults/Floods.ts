import * as fs from "node:fs"
import { numberedLines, numberedText } from "./NumberedLines.ts"
import type { Stage } from "./Stage.ts"

/** A fake tcpdump that writes as fast as it is read, and knows what it has written. */
export interface Flood {
  readonly tcpdump: string
  /** How many lines it has written as a whole. */
  readonly written: () => number
}

/** About 1 MB, far more than a pipe holds. */
export const linesPerMegabyte = 7000

/**
 * A flood of so many pieces of 1 MB or as said, from the piece `first` on. TERM and INT end it, as they end tcpdump, once the piece that it is
 * writing is written: so what it had written is known exactly.
 */
export const flood = (
  stage: Stage,
  pieces: number,
  first = 0,
  linesPerPiece = linesPerMegabyte,
  textOf = numberedText
): Flood => {
  const folder = stage.file(`pieces.${first}`)
  fs.mkdirSync(folder, { recursive: true })
  for (let piece = first; piece < first + pieces; piece++) {
    fs.writeFileSync(`${folder}/${piece}`, numberedLines(piece * linesPerPiece, linesPerPiece, textOf))
  }
  const count = stage.file("written")
  const tcpdump = stage.fake(`trap 'stop=1' TERM INT
n=${first}
while [ -z "$stop" ] && [ -e "$F/pieces.${first}/$n" ]; do
  (trap '' TERM INT; exec cat "$F/pieces.${first}/$n") || exit 1
  n=$((n + 1))
  (trap '' TERM INT; echo "$n" >"$F/written.new"; exec mv "$F/written.new" "$F/written")
done
while [ -z "$stop" ]; do sleep 0.05; done`)
  return {
    tcpdump,
    written: () => (fs.existsSync(count) ? Number(fs.readFileSync(count, "latin1")) : first) * linesPerPiece
  }
}
