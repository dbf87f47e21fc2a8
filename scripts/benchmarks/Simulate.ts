import { spawnSync } from "node:child_process"
import { type Figure, figure } from "./Figure.ts"
import {
  BenchmarkError,
  catArguments,
  floodCapture,
  inFolder,
  readUsage,
  tcpdumpText,
  usageFlags,
  type Workshop
} from "./Workshop.ts"

/** `simulate`: CPU a line that is read, memory over the number of lines and of hosts, and the grid behind the reading. */
export const measureSimulate = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const [short, long] = workshop.quick ? [1_000_000, 2_000_000] : [1_000_000, 10_000_000]
  const perLine: Array<number> = []
  const shortMemory: Array<number> = []
  const longMemory: Array<number> = []
  const grid: Array<number> = []
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`simulate, run ${run} of ${workshop.runs}`)
    const few = simulate(workshop, short)
    perLine.push(few.cpuMicros / short)
    shortMemory.push(few.peakKibibytes / 1024)
    if (run === 1) longMemory.push(simulate(workshop, long).peakKibibytes / 1024)
    grid.push(gridSeconds(workshop.quick ? 100_000 : 1_000_000))
  }
  const hosts = workshop.quick ? 50_000 : 1_000_000
  const unique = tcpdumpText(workshop, floodCapture(workshop, hosts, hosts))
  const forged = measured(workshop, [unique])
  const group = "simulate"
  return [
    figure({ group, name: "CPU per line", unit: "µs", ours: perLine, limit: 8 }),
    figure({ group, name: "42 cells behind the reading, 1,000,000 packets", unit: "s", ours: grid, limit: 1 }),
    figure({
      group,
      name: `memory of ${long.toLocaleString("en-US")} lines`,
      unit: "MiB",
      ours: longMemory,
      yardstick: { name: `${short.toLocaleString("en-US")} lines`, runs: shortMemory.slice(0, 1) },
      limit: 1.25
    }),
    figure({
      group,
      name: `memory of ${hosts.toLocaleString("en-US")} hosts`,
      unit: "MiB",
      ours: [forged.peakKibibytes / 1024]
    })
  ]
}

/** Runs over so many lines of a flood of 2,000 hosts. */
const simulate = (workshop: Workshop, lines: number) =>
  measured(workshop, [...catArguments(workshop, lines)].slice(0, -1))

const measured = (workshop: Workshop, files: ReadonlyArray<string>) => {
  const usage = inFolder(workshop, "usage.json")
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", 'cat "$@" | "$NODE" $FLAGS "$PROGRAM" simulate --json --grid - >/dev/null', "sh", ...files],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        NODE: process.execPath,
        FLAGS: usageFlags.join(" "),
        PROGRAM: workshop.program,
        BENCHMARK_USAGE: usage
      }
    }
  )
  if (status !== 0) throw new BenchmarkError(`simulate has failed: ${stderr}`)
  return readUsage(usage)
}

const gridSeconds = (packets: number): number => {
  const script = new URL("grid-alone.ts", import.meta.url).pathname
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, String(packets)], {
    encoding: "utf8"
  })
  if (status !== 0) throw new BenchmarkError(`the grid alone has failed: ${stderr}`)
  return (JSON.parse(stdout) as { readonly seconds: number }).seconds // printed by grid-alone.ts
}
