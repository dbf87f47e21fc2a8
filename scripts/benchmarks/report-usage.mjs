// Loaded into a measured process with `node --import`: tells at its end what it has used, without its children.
import { writeFileSync } from "node:fs"

const path = process.env["BENCHMARK_USAGE"]
if (path !== undefined) {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    writeFileSync(path, JSON.stringify({ cpuMicros: userCPUTime + systemCPUTime, peakKibibytes: maxRSS }))
  })
}
