import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
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

/** `report --html` of a flood from few and from many sources: time, memory, and the page. */
export const measureReport = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const lines = workshop.quick ? 100_000 : 1_000_000
  const unique = tcpdumpText(workshop, floodCapture(workshop, lines, lines))
  const subjects: ReadonlyArray<readonly [name: string, file: string]> = [
    ["2,000 sources", joined(workshop, catArguments(workshop, lines).slice(0, -1))],
    [`${lines.toLocaleString("en-US")} sources`, unique]
  ]
  return subjects.flatMap(([name, file]) => {
    const runs = Array.from({ length: workshop.runs }, (_, run) => {
      workshop.say(`report, ${name}, run ${run + 1} of ${workshop.runs}`)
      return reportOf(workshop, file)
    })
    const group = `report of ${lines.toLocaleString("en-US")} lines from ${name}`
    return [
      figure({ group, name: "wall time", unit: "s", ours: runs.map(({ seconds }) => seconds), limit: 10 }),
      figure({ group, name: "memory", unit: "MiB", ours: runs.map(({ mebibytes }) => mebibytes), limit: 200 }),
      figure({ group, name: "page", unit: "KB", ours: runs.map(({ kilobytes }) => kilobytes), limit: 300 })
    ]
  })
}

/** One file of several: logs that cover the same time would be held in memory for one another. */
const joined = (workshop: Workshop, files: ReadonlyArray<string>): string => {
  const file = inFolder(workshop, "report.log")
  const { status } = spawnSync("sh", ["-c", 'file=$1; shift; cat "$@" >"$file"', "sh", file, ...files])
  if (status !== 0) throw new BenchmarkError("cat has failed")
  return file
}

const reportOf = (workshop: Workshop, file: string) => {
  const usage = inFolder(workshop, "usage.json")
  const page = inFolder(workshop, "report.html")
  const started = performance.now()
  const { status, stderr } = spawnSync(
    process.execPath,
    [...usageFlags, workshop.program, "report", "--html", page, file],
    { encoding: "utf8", env: { ...process.env, BENCHMARK_USAGE: usage } }
  )
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) throw new BenchmarkError(`report has failed: ${stderr}`)
  return { seconds, mebibytes: readUsage(usage).peakKibibytes / 1024, kilobytes: readFileSync(page).length / 1000 }
}
