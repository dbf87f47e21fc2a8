import { spawnSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { type Figure, figure } from "./Figure.ts"
import { childMicros } from "./Sources.ts"
import { readCapture } from "./Subject.ts"
import { BenchmarkError, floodCapture, inFolder, shellScript, type Workshop } from "./Workshop.ts"

/** Our CPU and wall time at the pace of the real tcpdump on a capture, beside its own and that of a plain shell pipe. */
export const measurePace = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const figures: Array<Figure> = []
  // Our start, and V8 while it compiles, take half a second of CPU: they weigh less in the longer run.
  for (const packets of workshop.quick ? [300_000] : [1_000_000, 3_000_000]) {
    figures.push(...(await measurePaceOf(workshop, packets)))
  }
  return figures
}

const measurePaceOf = async (workshop: Workshop, packets: number): Promise<ReadonlyArray<Figure>> => {
  const capture = floodCapture(workshop, packets)
  const times = inFolder(workshop, "tcpdump-times")
  const timed = shellScript(workshop, "timed-tcpdump", `tcpdump "$@"\nstatus=$?\ntimes >>'${times}'\nexit $status`)
  const [ours, tcpdump, wall, pipeWall]: [Array<number>, Array<number>, Array<number>, Array<number>] = [[], [], [], []]
  const processors: Array<number> = []
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`pace, run ${run} of ${workshop.runs}: ${packets} packets through the real tcpdump`)
    rmSync(times, { force: true })
    const started = performance.now()
    const usage = await readCapture(workshop, capture, { tcpdump: timed })
    wall.push((performance.now() - started) / 1000)
    ours.push(usage.cpuMicros / packets)
    tcpdump.push(childMicros(readFileSync(times, "utf8")) / packets)
    processors.push((((ours.at(-1) ?? 0) + (tcpdump.at(-1) ?? 0)) * (packets / 1e6)) / (wall.at(-1) ?? 1))
    pipeWall.push(pipeSeconds(workshop, capture))
  }
  const group = `Pace: the real tcpdump on a capture of ${packets} packets`
  return [
    figure({
      group,
      name: "CPU per packet",
      unit: "µs",
      ours,
      yardstick: { name: "tcpdump's own", runs: tcpdump },
      limit: 0.6
    }),
    figure({
      group,
      name: "wall time",
      unit: "s",
      ours: wall,
      yardstick: { name: "tcpdump | cat", runs: pipeWall },
      limit: 0.95
    }),
    // What several captures at once could still gain.
    figure({ group, name: "processors that it keeps busy", unit: "", ours: processors })
  ]
}

const pipeSeconds = (workshop: Workshop, capture: string): number => {
  const log = inFolder(workshop, "pipe.log")
  const started = performance.now()
  const { status } = spawnSync("sh", ["-c", 'tcpdump -tt -l -e -n -S -r "$1" | cat >>"$2"', "sh", capture, log])
  const seconds = (performance.now() - started) / 1000
  rmSync(log, { force: true })
  if (status !== 0) throw new BenchmarkError("tcpdump into cat has failed")
  return seconds
}
