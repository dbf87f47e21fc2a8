import { spawnSync } from "node:child_process"
import { type Figure, figure } from "./Figure.ts"
import { startSubject } from "./Subject.ts"
import { BenchmarkError, shellScript, type Workshop } from "./Workshop.ts"

/** Wall time of `--version` and of `run` until its pid file is there, beside a node that does nothing. */
export const measureStart = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const runs = workshop.quick ? 7 : 21
  workshop.say(`start, ${runs} runs`)
  const tcpdump = shellScript(workshop, "idle-tcpdump", "exec sleep 1000")
  const [version, ready, bare]: [Array<number>, Array<number>, Array<number>] = [[], [], []]
  for (let run = 0; run < runs; run++) {
    bare.push(nodeMillis(["-e", "0"]))
    version.push(nodeMillis([workshop.program, "--version"]))
    const started = performance.now()
    const subject = await startSubject(workshop, { tcpdump })
    ready.push(performance.now() - started)
    await subject.stop()
  }
  const group = "Start: wall time"
  const yardstick = { name: "node -e 0", runs: bare }
  return [
    figure({ group, name: "--version", unit: "ms", ours: version, yardstick, limit: 3 }),
    figure({ group, name: "run until ready", unit: "ms", ours: ready, yardstick })
  ]
}

const nodeMillis = (flags: ReadonlyArray<string>): number => {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, flags, { stdio: "ignore" })
  if (status !== 0) throw new BenchmarkError(`node ${flags.join(" ")} has failed`)
  return performance.now() - started
}
