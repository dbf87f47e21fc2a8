import type { DecodedSink, Decoder } from "./Decoder.ts"
import type { PfLogEntry } from "./PfLogEntry.ts"
/** stub */
export const makeTextDecoder = (): Decoder => {
  let rest = ""
  const line = (l: string, sink: DecodedSink) => {
    const m = /^(?:(\d+)\.(\d{6}) )?(rule .*)$/.exec(l)
    if (m === null) sink.other(l)
    else
      sink.entry({
        time: m[1] === undefined ? undefined : Number(m[1]) * 1e6 + Number(m[2]),
        action: "block",
        text: m[3]
      } as unknown as PfLogEntry)
  }
  return {
    push: (b, sink) => {
      const ls = (rest + Buffer.from(b).toString("latin1")).split("\n")
      rest = ls.pop() ?? ""
      for (const l of ls) line(l, sink)
      return undefined
    },
    end: (sink) => {
      if (rest !== "") line(rest, sink)
      rest = ""
      return undefined
    }
  }
}
