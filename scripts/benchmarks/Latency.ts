import { closeSync, openSync, readSync } from "node:fs"
import { type Figure, figure, median, quantile } from "./Figure.ts"
import { startSubject } from "./Subject.ts"
import { BenchmarkError, shellScript, type Workshop, yardstickPath } from "./Workshop.ts"

/** Time from tcpdump's write to the line in the file, at several paces. */
export const measureLatency = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const seconds = workshop.quick ? 3 : 6
  const figures: Array<Figure> = []
  for (const rate of [10, 1000, 20_000]) {
    const [p50, p99]: [Array<number>, Array<number>] = [[], []]
    for (let run = 1; run <= workshop.runs; run++) {
      workshop.say(`latency at ${rate} lines a second, run ${run} of ${workshop.runs}`)
      const delays = await delaysAt(workshop, rate, seconds)
      p50.push(median(delays))
      p99.push(quantile(delays, 0.99))
    }
    const group = "Latency: from tcpdump's write to the line in the file"
    const name = `at ${rate} lines a second`
    figures.push(
      figure({ group, name: `${name}, p50`, unit: "ms", ours: p50 }),
      figure({ group, name: `${name}, p99`, unit: "ms", ours: p99, ...(rate === 1000 ? { limit: 25 } : {}) })
    )
  }
  return figures
}

/** How old, in milliseconds, each line is when it appears in the log: it carries the time at which it was written. */
const delaysAt = async (workshop: Workshop, rate: number, seconds: number): Promise<ReadonlyArray<number>> => {
  const pacer = `exec '${process.execPath}' '${yardstickPath("paced-tcpdump.mjs")}' ${rate} ${seconds}`
  const subject = await startSubject(workshop, { tcpdump: shellScript(workshop, "paced-tcpdump", pacer) })
  const delays = followLog(subject.log, rate * seconds, (seconds + 30) * 1000)
  await subject.stop()
  if (delays.length < rate * seconds) throw new BenchmarkError(`${delays.length} of ${rate * seconds} lines came`)
  return delays
}

const chunk = Buffer.alloc(2 ** 20)
const neverWoken = new Int32Array(new SharedArrayBuffer(4))

/** Reads a log as it grows, looking every half millisecond, and notes each entry's age. Blocks until all are there. */
export const followLog = (path: string, lines: number, limitMillis: number): ReadonlyArray<number> => {
  const delays: Array<number> = []
  const log = openSync(path, "r")
  const deadline = performance.now() + limitMillis
  let unfinished = ""
  while (delays.length < lines && performance.now() < deadline) {
    const length = readSync(log, chunk)
    if (length === 0) {
      Atomics.wait(neverWoken, 0, 0, 0.5)
      continue
    }
    const now = performance.timeOrigin + performance.now()
    const text = unfinished + chunk.toString("latin1", 0, length)
    const end = text.lastIndexOf("\n") + 1
    unfinished = text.slice(end)
    for (const line of text.slice(0, end).split("\n")) {
      if (line.includes(" rule ")) delays.push(now - lineMillis(line))
    }
  }
  closeSync(log)
  return delays
}

/** The time stamp of a log line, `2026-11-22T06:16:54.507027+01:00`, in milliseconds since 1970. */
const lineMillis = (line: string): number =>
  Date.parse(line.slice(0, 23) + line.slice(26, 32)) + Number(line.slice(23, 26)) / 1000
