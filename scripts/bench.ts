/** Measures what pfasciilogd costs, beside yardsticks in the same run: `scripts/bench --help`. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { measureCost } from "./benchmarks/Cost.ts"
import { measureDecode } from "./benchmarks/Decode.ts"
import type { Figure } from "./benchmarks/Figure.ts"
import { measureGrowth } from "./benchmarks/Growth.ts"
import { measureLatency } from "./benchmarks/Latency.ts"
import { measureLiveLatency } from "./benchmarks/LiveLatency.ts"
import { measureMemory } from "./benchmarks/Memory.ts"
import { measurePace } from "./benchmarks/Pace.ts"
import { measurePackets } from "./benchmarks/Packets.ts"
import { measureReport } from "./benchmarks/Report.ts"
import { measureRotation } from "./benchmarks/Rotation.ts"
import { measureScan } from "./benchmarks/Scan.ts"
import { measureSimulate } from "./benchmarks/Simulate.ts"
import { measureSources } from "./benchmarks/Sources.ts"
import { measureStart } from "./benchmarks/Start.ts"
import { renderTable } from "./benchmarks/Table.ts"
import { BenchmarkError, type Workshop } from "./benchmarks/Workshop.ts"

const groups: ReadonlyMap<string, (workshop: Workshop) => Promise<ReadonlyArray<Figure>>> = new Map([
  ["decode", measureDecode],
  ["cost", measureCost],
  ["pace", measurePace],
  ["packets", measurePackets],
  ["sources", measureSources],
  ["memory", measureMemory],
  ["start", measureStart],
  ["latency", measureLatency],
  ["live", measureLiveLatency],
  ["rotation", measureRotation],
  ["growth", measureGrowth],
  ["scan", measureScan],
  ["simulate", measureSimulate],
  ["report", measureReport]
])

const usage = `usage: bench [--quick] [--json] [--runs N] [--program FILE] [--work-dir DIR] [GROUP...]

Groups: ${[...groups.keys()].join(", ")}; all if none is given.

  --quick         fewer lines and runs: about a minute instead of many
  --json          the figures as JSON on standard output instead of a table
  --runs N        the runs that a median is taken of (default: 5, with --quick 1)
  --program FILE  what is measured (default: dist/pfasciilogd.mjs)
  --work-dir DIR  where logs and captures go, a few hundred MB (default: the system's folder for temporary files)
`

class UsageError extends Error {}

const settings = () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      runs: { type: "string" },
      program: { type: "string", default: "dist/pfasciilogd.mjs" },
      "work-dir": { type: "string", default: tmpdir() },
      help: { type: "boolean", short: "h", default: false }
    }
  })
  const unknown = positionals.find((name) => !groups.has(name))
  if (unknown !== undefined) throw new UsageError(`${unknown}: expected one of ${[...groups.keys()].join(", ")}`)
  if (values.runs !== undefined && !/^[1-9]\d?$/.test(values.runs)) {
    throw new UsageError(`--runs ${values.runs}: expected a number from 1 to 99`)
  }
  if (!values.help && !existsSync(values.program)) throw new UsageError(`${values.program}: no such file`)
  return { ...values, names: positionals.length === 0 ? [...groups.keys()] : positionals }
}

const machine = () => ({
  processors: `${cpus().length} x ${cpus()[0]?.model ?? "?"}`,
  system: `${process.platform} ${process.arch}`,
  node: process.version,
  tcpdump: tcpdumpVersion()
})

const tcpdumpVersion = (): string => {
  // On one stream here, on the other there.
  const { stderr, stdout } = spawnSync("tcpdump", ["--version"], { encoding: "utf8" })
  return `${stdout}${stderr}`.split("\n")[0] ?? ""
}

const measure = async (): Promise<void> => {
  const wanted = settings()
  if (wanted.help) {
    process.stdout.write(usage)
    return
  }
  const workshop: Workshop = {
    folder: mkdtempSync(join(wanted["work-dir"], "pfasciilogd-bench-")),
    program: resolve(wanted.program),
    quick: wanted.quick,
    runs: Number(wanted.runs ?? (wanted.quick ? 1 : 5)),
    say: (progress) => process.stderr.write(`bench: ${progress}\n`)
  }
  const figures: Array<Figure> = []
  try {
    for (const name of wanted.names) figures.push(...((await groups.get(name)?.(workshop)) ?? []))
  } finally {
    rmSync(workshop.folder, { recursive: true, force: true })
  }
  const report = { machine: machine(), quick: workshop.quick, runs: workshop.runs, figures }
  if (wanted.json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
  else
    process.stdout.write(
      `${Object.values(report.machine).join(", ")}; medians of ${report.runs}\n\n${renderTable(figures)}`
    )
}

try {
  await measure()
} catch (error) {
  if (error instanceof UsageError || (error instanceof TypeError && "code" in error)) {
    process.stderr.write(`bench: ${error.message}\n\n${usage}`)
    process.exitCode = 64
  } else if (error instanceof BenchmarkError) {
    process.stderr.write(`bench: ${error.message}\n`)
    process.exitCode = 69
  } else throw error
}
