import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { type Figure, figure } from "./Figure.ts"
import { readCapture } from "./Subject.ts"
import { BenchmarkError, floodCapture, inFolder, type Workshop } from "./Workshop.ts"

/**
 * What an attacker's ever new sources cost on the text path, beside a single tcpdump, and beside few sources: sources from
 * everywhere, as they are forged; all over one network of 2^24 addresses; and neighbours, of which tcpdump bears fewest.
 */
export const measureSources = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const sizes = workshop.quick ? [100_000, 300_000] : [100_000, 600_000, 3_000_000]
  const slow = workshop.quick ? 300_000 : 600_000
  const group = "Sources: the text decoder, all processes"
  const figures: Array<Figure> = []
  // Well beyond what is asked for, a single tcpdump is not waited for: it can take minutes.
  const beyond = 40
  const origins = ["everywhere", "network", "neighbours"] as const
  // A run over fewer packets is over before V8's heap and the buffers have their size.
  const warm = sizes[1]
  let warmMemory: ReadonlyArray<number> | undefined
  for (const packets of sizes) {
    const few: Array<number> = []
    for (let run = 1; run <= workshop.runs; run++) {
      workshop.say(`sources, run ${run} of ${workshop.runs}: ${packets} packets of 2000 sources`)
      few.push((await readAll(workshop, floodCapture(workshop, packets))).cpuMicros / packets)
    }
    for (const origin of origins) {
      const capture = floodCapture(workshop, packets, packets, origin)
      const [unique, memory, wall]: [Array<number>, Array<number>, Array<number>] = [[], [], []]
      for (let run = 1; run <= workshop.runs; run++) {
        workshop.say(`sources, run ${run} of ${workshop.runs}: ${packets} packets, ${origin}`)
        const cost = await readAll(workshop, capture)
        unique.push(cost.cpuMicros / packets)
        memory.push(cost.peakMebibytes)
        wall.push(cost.seconds)
      }
      const name = `${packets} sources, ${origin}`
      const yardstick = { name: "2000 sources", runs: few }
      figures.push(figure({ group, name: `CPU per packet, ${name}`, unit: "µs", ours: unique, yardstick, limit: 1.3 }))
      if (packets === warm) warmMemory ??= memory
      const memoryName = `our peak memory, ${name}`
      figures.push(
        warmMemory === undefined
          ? figure({ group, name: memoryName, unit: "MiB", ours: memory })
          : figure({
              group,
              name: memoryName,
              unit: "MiB",
              ours: memory,
              yardstick: { name: `${warm}, everywhere`, runs: warmMemory },
              limit: 1.2
            })
      )
      if (packets !== slow) continue
      workshop.say(`sources: ${packets} packets, ${origin}, tcpdump alone`)
      // So slow that it is run only once, beside all our runs.
      const { seconds, isDone } = alone(capture, beyond * Math.max(...wall))
      const single = {
        name: isDone ? "tcpdump alone" : "tcpdump alone, not yet done",
        runs: wall.map(() => seconds)
      }
      figures.push(figure({ group, name: `wall time, ${name}`, unit: "s", ours: wall, yardstick: single, limit: 0.05 }))
    }
  }
  return figures
}

interface Cost {
  readonly cpuMicros: number
  readonly peakMebibytes: number
  readonly seconds: number
}

/** Reads a capture; the CPU is that of our process and of all that it has started. */
const readAll = async (workshop: Workshop, capture: string): Promise<Cost> => {
  const times = inFolder(workshop, "all-times")
  const under = ["sh", "-c", `"$@"; status=$?; times >'${times}'; exit $status`, "sh"]
  const begun = performance.now()
  const { peakKibibytes } = await readCapture(workshop, capture, { tcpdump: "tcpdump", under })
  return {
    cpuMicros: childMicros(readFileSync(times, "utf8")),
    peakMebibytes: peakKibibytes / 1024,
    seconds: (performance.now() - begun) / 1000
  }
}

/** All that shells' `times` tell of their children: the second of each two lines, `0m1.230000s 0m0.450000s`. */
export const childMicros = (times: string): number =>
  times
    .trim()
    .split("\n")
    .filter((_, index) => index % 2 === 1)
    .flatMap((line) => line.match(/\d+m[\d.]+s/g) ?? [])
    .reduce((sum, field) => {
      const [minutes = "0", seconds = "0"] = field.slice(0, -1).split("m")
      return sum + (Number(minutes) * 60 + Number(seconds)) * 1_000_000
    }, 0)

/** How long a single tcpdump takes; it is ended after so many seconds. */
const alone = (capture: string, most: number): { readonly seconds: number; readonly isDone: boolean } => {
  const begun = performance.now()
  const { error, status } = spawnSync("tcpdump", ["-tt", "-l", "-e", "-n", "-S", "-r", capture], {
    stdio: "ignore",
    timeout: Math.ceil(most * 1000)
  })
  const isDone = error === undefined
  if (isDone && status !== 0) throw new BenchmarkError(`tcpdump ended with status ${status}`)
  return { seconds: (performance.now() - begun) / 1000, isDone }
}
