import { spawnSync } from "node:child_process"
import { type Figure, figure } from "./Figure.ts"
import { BenchmarkError, floodCapture, hostileCapture, tcpdumpText, type Workshop } from "./Workshop.ts"

/** CPU of the text decoder alone: per line of a flood, and per byte on hostile packets beside that. */
export const measureDecode = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const flood = tcpdumpText(workshop, floodCapture(workshop, 100_000))
  const hostile = tcpdumpText(workshop, hostileCapture(workshop, 50_000))
  const [perLine, perByte, hostilePerByte]: [Array<number>, Array<number>, Array<number>] = [[], [], []]
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`decoding alone, run ${run} of ${workshop.runs}`)
    const plain = decodeAlone(flood)
    const worst = decodeAlone(hostile)
    perLine.push(plain.micros / plain.entries)
    perByte.push((plain.micros * 1000) / plain.bytes)
    hostilePerByte.push((worst.micros * 1000) / worst.bytes)
  }
  const group = "Decoding alone: CPU"
  return [
    figure({ group, name: "per line of a flood", unit: "µs", ours: perLine, limit: 1 }),
    figure({
      group,
      name: "per byte of hostile packets",
      unit: "ns",
      ours: hostilePerByte,
      yardstick: { name: "of a flood", runs: perByte },
      limit: 3
    })
  ]
}

interface Pass {
  readonly micros: number
  readonly entries: number
  readonly bytes: number
}

const decodeAlone = (text: string): Pass => {
  const script = new URL("decode-alone.ts", import.meta.url).pathname
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, text])
  if (status !== 0) throw new BenchmarkError(`decoding alone has failed: ${stderr.toString()}`)
  return JSON.parse(stdout.toString()) as Pass // printed by decode-alone.ts
}
