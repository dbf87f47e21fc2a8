/**
 * Plays the bundled sample capture through the real tcpdump and pfasciilogd, at a pace that a person can follow, shows the
 * log as it grows, and ends with the hosts that the shipped jail would ban. Options go to `pfasciilogd run`.
 */
import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { playCapture } from "./demo/Pace.ts"

const capture = "test/support/captures/sample.pcap"
const playTime = 12_000
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-demo-"))
const log = path.join(folder, "pf.log")

console.log(
  `This host has no pflog0, so here is a sample: ${capture}, half an hour of a small server, in ${playTime / 1000} seconds.`
)
console.log(`It goes through the real tcpdump and pfasciilogd into ${log}:\n`)

const daemon = spawn(
  process.execPath,
  [
    "dist/pfasciilogd.mjs",
    "run",
    "--read",
    "-",
    "--log-file",
    log,
    "--pid-file",
    path.join(folder, "pf.pid"),
    ...process.argv.slice(2)
  ],
  { stdio: ["pipe", "inherit", "inherit"] }
)
const ended = new Promise<number>((resolve) => daemon.on("close", (status) => resolve(status ?? 1)))

let shown = 0
const showNewLines = (): void => {
  if (!fs.existsSync(log)) return
  const text = fs.readFileSync(log, "latin1")
  process.stdout.write(text.slice(shown))
  shown = text.length
}
const showing = setInterval(showNewLines, 50)
// A daemon that ends early tells its reason on stderr; the rest of the capture then has no reader.
daemon.stdin.on("error", () => undefined)
await Promise.race([playCapture(capture, playTime, daemon.stdin), ended])
const status = await ended
clearInterval(showing)
showNewLines()

if (status === 0) {
  console.log("\nWhom would fail2ban ban with the shipped jail? `pfasciilogd simulate` tells:\n")
  spawnSync(process.execPath, ["dist/pfasciilogd.mjs", "simulate", log], { stdio: "inherit" })
  console.log("\nHow to go on:")
  console.log("  README.md                                           how to install it on a host that runs pf")
  console.log("  node dist/pfasciilogd.mjs validate                  what this host still lacks")
  console.log(`  node dist/pfasciilogd.mjs test-pattern ${log}   whether a fail2ban filter names the right hosts`)
}
process.exitCode = status
