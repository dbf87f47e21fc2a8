// A tcpdump that writes a flood of SYNs from forged sources, so many lines a second for so many seconds, and in each second a scan of
// 12 ports by a host of its own. It begins once FILE.go is there, and notes each scan in FILE: the host, when its last packet was
// written, and how many lines a second were written so far. usage: scanning-tcpdump.mjs LINES_A_SECOND SECONDS FILE
import { appendFileSync, existsSync, rmSync, writeSync } from "node:fs"

const [rate = 1, seconds = 1] = process.argv.slice(2, 4).map(Number)
const file = process.argv[4] ?? ""
rmSync(file, { force: true })
rmSync(`${file}.go`, { force: true })
let started = Number.NaN
let written = 0
let scans = 0

const now = () => performance.timeOrigin + performance.now()

const line = (source, port) => {
  const micros = Math.round(now() * 1000)
  const stamp = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`
  return `${stamp} rule 17/0(match): block in on vtnet0: ${source}.40000 > 198.51.100.10.${port}: Flags [S], seq ${written}, win 1024, length 0\n`
}

/** Writes all of a text, waiting where the reader is slower. */
const write = (text) => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if (error.code !== "EAGAIN") throw error
    }
  }
}

const writeDue = () => {
  if (Number.isNaN(started)) {
    if (!existsSync(`${file}.go`)) return
    started = performance.now()
  }
  const elapsed = (performance.now() - started) / 1000
  const due = Math.min(rate * seconds, Math.floor(elapsed * rate), written + 20_000)
  let lines = ""
  for (; written < due; written++)
    lines += line(`${11 + (written % 80)}.${(written >> 16) & 255}.${(written >> 8) & 255}.${written & 255}`, 443)
  write(lines)
  if (scans < seconds && elapsed > scans + 0.5) {
    scans += 1
    const scanner = `203.0.113.${scans}`
    for (let port = 1; port <= 12; port++) write(line(scanner, port))
    appendFileSync(file, `${scanner} ${(now() / 1000).toFixed(3)} ${Math.round(written / elapsed)}\n`)
  }
}

setInterval(writeDue, 1)
process.on("SIGTERM", () => process.exit(0))
