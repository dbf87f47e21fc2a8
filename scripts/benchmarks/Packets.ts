import { spawnSync } from "node:child_process"
import { type Figure, figure } from "./Figure.ts"
import { readCapture } from "./Subject.ts"
import { BenchmarkError, floodCapture, type Workshop } from "./Workshop.ts"

/** The packet decoder through the real tcpdump: beside what tcpdump itself needs to print, and with ever new sources. */
export const measurePackets = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const packets = workshop.quick ? 150_000 : 600_000
  const unique = floodCapture(workshop, packets, packets)
  const few = floodCapture(workshop, packets)
  const one = floodCapture(workshop, 1)
  const wall: Array<number> = []
  const cpuOfUnique: Array<number> = []
  const cpuOfFew: Array<number> = []
  const printing: Array<number> = []
  const cpuOf = async (capture: string): Promise<number> =>
    (await readCapture(workshop, capture, { tcpdump: "tcpdump", flags: ["--decoder", "packet"] })).cpuMicros
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`packets, run ${run} of ${workshop.runs}: ${packets} packets`)
    const startUp = await cpuOf(one)
    const begun = performance.now()
    cpuOfUnique.push(((await cpuOf(unique)) - startUp) / packets)
    wall.push((performance.now() - begun) / 1000)
    cpuOfFew.push(((await cpuOf(few)) - startUp) / packets)
    printing.push(secondsToPrint(unique))
  }
  const group = `Packets: the packet decoder on ${packets} packets, CPU without start-up`
  return [
    figure({
      group,
      name: "wall time, unique sources",
      unit: "s",
      ours: wall,
      yardstick: { name: "tcpdump prints them", runs: printing },
      limit: 0.4
    }),
    figure({
      group,
      name: "CPU per packet, unique sources",
      unit: "µs",
      ours: cpuOfUnique,
      yardstick: { name: "2000 sources", runs: cpuOfFew },
      limit: 1.25
    }),
    figure({ group, name: "CPU per packet", unit: "µs", ours: cpuOfFew, limit: 4 })
  ]
}

/** What tcpdump alone needs to print a capture to nowhere. */
const secondsToPrint = (capture: string): number => {
  const begun = performance.now()
  const { status } = spawnSync("tcpdump", ["-tt", "-e", "-n", "-r", capture], { stdio: "ignore" })
  if (status !== 0) throw new BenchmarkError(`tcpdump ended with status ${status}`)
  return (performance.now() - begun) / 1000
}
