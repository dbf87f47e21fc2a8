import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { expect, it } from "vitest"
import { startSubject } from "../../scripts/benchmarks/Subject.ts"

/** A program that has made its pid file, and takes a while to write it. */
const slowStart = `
import * as fs from "node:fs"
const file = process.argv[process.argv.indexOf("--pid-file") + 1]
fs.writeFileSync(file, "")
process.on("SIGTERM", () => process.exit(0))
setTimeout(() => fs.writeFileSync(file, process.pid + "\\n"), 500)
setInterval(() => {}, 1000)
`

it("a benchmark signals the measured program alone, though its pid file is still empty at first", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-subject-"))
  const program = path.join(folder, "program.mjs")
  fs.writeFileSync(program, slowStart)
  const signals: Array<string> = []
  const note = (signal: string) => void signals.push(signal)
  process.on("SIGTERM", note)
  try {
    const workshop = { folder, program, quick: true, runs: 1, say: () => {} }
    const subject = await startSubject(workshop, { tcpdump: "/bin/false" })
    expect((await subject.stop()).cpuMicros).toBeGreaterThan(0)
    expect(signals).toEqual([])
  } finally {
    process.off("SIGTERM", note)
    fs.rmSync(folder, { recursive: true, force: true })
  }
})
