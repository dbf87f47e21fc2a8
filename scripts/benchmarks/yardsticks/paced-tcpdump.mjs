// A tcpdump that writes so many lines a second for so many seconds, each under the time at which it was written.
// usage: paced-tcpdump.mjs LINES_A_SECOND SECONDS
import { writeSync } from "node:fs"

const [rate = 1, seconds = 1] = process.argv.slice(2).map(Number)
const total = rate * seconds
const started = performance.now()
let written = 0

const stamp = () => {
  const micros = Math.round((performance.timeOrigin + performance.now()) * 1000)
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`
}

const writeDue = () => {
  const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
  let lines = ""
  for (; written < due; written++) {
    const ports = `11.0.0.1.${1024 + (written % 60_000)} > 198.51.100.10.443`
    lines += `${stamp()} rule 17/0(match): block in on vtnet0: ${ports}: Flags [S], seq ${written}, win 1024, length 0\n`
  }
  if (lines !== "") writeSync(1, lines)
}

setInterval(writeDue, 1)
process.on("SIGTERM", () => process.exit(0))
