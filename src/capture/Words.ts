import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type LineSink, LineSplitter } from "../decode/text/Lines.ts"

/** tcpdump's messages are short; a longer line is cut into pieces of this many bytes. */
const longestWords = 4096

/** Hands on what a process writes to stderr, as lines without their ends, one character a byte. */
export const readWords = (
  stderr: Stream.Stream<Uint8Array>,
  speak: (lines: ReadonlyArray<string>) => Effect.Effect<void>
) => {
  const splitter = new LineSplitter(longestWords)
  const collect = (split: (sink: LineSink) => void) => {
    const lines: Array<string> = []
    split({
      line: (bytes, start, end) => lines.push(bytes.toString("latin1", start, end)),
      piece: (piece) => lines.push(piece)
    })
    return speak(lines)
  }
  return Stream.runForEach(stderr, (bytes) => collect((sink) => splitter.push(bytes, sink))).pipe(
    Effect.ensuring(Effect.suspend(() => collect((sink) => splitter.end(sink))))
  )
}
