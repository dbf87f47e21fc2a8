import { spawn } from "node:child_process"
import { once } from "node:events"
import { rmSync } from "node:fs"
import { type Figure, figure } from "./Figure.ts"
import { floodSubject } from "./Subject.ts"
import {
  BenchmarkError,
  catArguments,
  inFolder,
  readUsage,
  type Usage,
  usageFlags,
  type Workshop,
  yardstickPath
} from "./Workshop.ts"

/** CPU of our process per line that `cat` gives it, beside an asyncio pipeline and a bare loop in node. */
export const measureCost = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const lines = workshop.quick ? 400_000 : 1_000_000
  const ours: Array<number> = []
  const asyncio: Array<number> = []
  const bareNode: Array<number> = []
  const peaks: Array<number> = []
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`cost, run ${run} of ${workshop.runs}: ${lines} lines through ours, asyncio and bare node`)
    const usage = await floodSubject(workshop, lines)
    ours.push(usage.cpuMicros / lines)
    peaks.push(usage.peakKibibytes / 1024)
    asyncio.push((await runYardstick(workshop, lines, ["python3", yardstickPath("asyncio_pipe.py")])).cpuMicros / lines)
    bareNode.push(
      (await runYardstick(workshop, lines, [process.execPath, ...usageFlags, yardstickPath("bare-node.mjs")]))
        .cpuMicros / lines
    )
  }
  const group = `Cost: CPU per line, ${lines} lines from cat, start-up included`
  return [
    figure({
      group,
      name: "over asyncio",
      unit: "µs",
      ours,
      yardstick: { name: "asyncio", runs: asyncio },
      limit: 0.2
    }),
    figure({
      group,
      name: "over a bare loop",
      unit: "µs",
      ours,
      yardstick: { name: "bare node", runs: bareNode },
      limit: 3
    }),
    figure({ group, name: "peak memory meanwhile", unit: "MiB", ours: peaks, limit: 110 })
  ]
}

/** Runs a yardstick on `cat` of so many lines. */
const runYardstick = async (
  workshop: Workshop,
  lines: number,
  [command, ...flags]: readonly [string, ...ReadonlyArray<string>]
): Promise<Usage> => {
  const [log, usage] = [inFolder(workshop, "yardstick.log"), inFolder(workshop, "yardstick.json")]
  rmSync(log, { force: true })
  const child = spawn(command, [...flags, log, "cat", ...catArguments(workshop, lines)], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, BENCHMARK_USAGE: usage }
  })
  const [status] = await once(child, "exit")
  rmSync(log, { force: true })
  if (status !== 0) throw new BenchmarkError(`the yardstick ${command} has failed`)
  return readUsage(usage)
}
