import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { type Figure, figure } from "./Figure.ts"
import { floodSubject, startSubject } from "./Subject.ts"
import { untilLogEndsWith } from "./Waiting.ts"
import { catArguments, inFolder, lastLineMark, readUsage, shellScript, usageFlags, type Workshop } from "./Workshop.ts"

/** Peak and idle memory beside a node that does nothing, and the peak while each write to the disk takes 20 ms. */
export const measureMemory = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const lines = workshop.quick ? 400_000 : 1_000_000
  const [peak, idle, bare, slowDisk]: [Array<number>, Array<number>, Array<number>, Array<number>] = [[], [], [], []]
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`memory, run ${run} of ${workshop.runs}`)
    bare.push(bareNodePeak(workshop))
    idle.push(await idleMemory(workshop))
    peak.push((await floodSubject(workshop, lines)).peakKibibytes / 1024)
    if (canSlowDisk()) slowDisk.push(await slowDiskPeak(workshop))
  }
  const group = "Memory: resident set"
  const yardstick = { name: "node -e 0", runs: bare }
  return [
    figure({ group, name: "idle", unit: "MiB", ours: idle, yardstick }),
    figure({ group, name: `peak over ${lines} lines`, unit: "MiB", ours: peak, yardstick }),
    figure({ group, name: "peak in the flood", unit: "MiB", ours: peak, limit: 110 }),
    ...(slowDisk.length === 0
      ? []
      : [figure({ group, name: "peak while the disk is slow", unit: "MiB", ours: slowDisk, limit: 110 })])
  ]
}

const bareNodePeak = (workshop: Workshop): number => {
  const usage = inFolder(workshop, "bare.json")
  spawnSync(process.execPath, [...usageFlags, "-e", "0"], { env: { ...process.env, BENCHMARK_USAGE: usage } })
  return readUsage(usage).peakKibibytes / 1024
}

const idleMemory = async (workshop: Workshop): Promise<number> => {
  const subject = await startSubject(workshop, { tcpdump: shellScript(workshop, "idle-tcpdump", "exec sleep 1000") })
  await sleep(1000)
  const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", String(subject.process.pid)])
  await subject.stop()
  return Number(stdout.toString()) / 1024
}

const strace = (log: string): ReadonlyArray<string> => [
  ...["strace", "-f", "-qq", "-o", "/dev/null", "-P", log],
  ...["-e", "trace=write,writev,pwrite64", "-e", "inject=write,writev,pwrite64:delay_enter=20000"]
]

const canSlowDisk = (): boolean => spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0

/** Our peak where strace makes each write to the log wait 20 ms. */
const slowDiskPeak = async (workshop: Workshop): Promise<number> => {
  const files = catArguments(workshop, 100_000)
    .map((path) => `'${path}'`)
    .join(" ")
  const subject = await startSubject(workshop, {
    tcpdump: shellScript(workshop, "slow-disk-tcpdump", `cat ${files}\nexec sleep 1000`),
    under: strace(inFolder(workshop, "pf.log"))
  })
  await untilLogEndsWith(subject.log, lastLineMark)
  const usage = await subject.stop()
  // Proves that the disk was slow: the log is whole all the same.
  if (readFileSync(subject.log, "latin1").split("\n").length < 100_001) throw new Error("the slow disk lost lines")
  return usage.peakKibibytes / 1024
}
