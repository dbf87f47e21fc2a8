/** Makes pflog captures of any size for the tests, the benchmarks and `scripts/run`: `npx tsx scripts/make-capture.ts --help`. */
import { parseArgs } from "node:util"
import { writeCapture } from "../test/support/captures/CaptureFile.ts"
import {
  type CaptureRequest,
  CaptureRequestError,
  capturePackets,
  requestFromFlags
} from "../test/support/captures/CaptureRequest.ts"

const usage = `usage: make-capture SCENARIO [--out FILE] [options]

Scenarios
  sample    the shipped sample: scans, background noise and packets that are no reason for a ban
  flood     SYNs, numbered by their TCP sequence number
  scan      port scans of many hosts at once
  hostile   packets that carry text which looks like pf's log, lie about themselves or are cut off
  wrong-family
            packets under a header that lies about their address family
  matrix    every header, reason, action and direction, over all protocols

Options
  --out FILE               the pcap file to write; - is standard output (default: -)
  --truth FILE             what is true of each packet, one JSON object a line
  --packets N              how many packets (flood, scan, hostile, wrong-family; default: 1000)
  --sources N              from how many hosts (flood, scan; default: 100)
  --seed N                 another seed, another capture (scan, hostile, wrong-family; default: 1)
  --header NAME            the pflog header: freebsd (default), freebsd-12, openbsd, openbsd-4.4, netbsd, dragonfly,
                           macos, or its length: 61, 64, 69, 72, 84, 100; matrix writes all if none is given
  --byte-order little|big  of the machine that captured (default: little)
  --precision micro|nano   of the time stamps (default: micro)
`

const request = (): CaptureRequest => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string" },
      truth: { type: "string" },
      packets: { type: "string" },
      sources: { type: "string" },
      seed: { type: "string" },
      header: { type: "string" },
      "byte-order": { type: "string" },
      precision: { type: "string" },
      help: { type: "boolean", short: "h" }
    }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    process.exit(0)
  }
  return requestFromFlags(positionals, values)
}

try {
  const wanted = request()
  const count = writeCapture(capturePackets(wanted), wanted.format, wanted.target)
  process.stderr.write(
    `make-capture: ${count} packets to ${wanted.target.capture === "-" ? "standard output" : wanted.target.capture}\n`
  )
} catch (error) {
  if (!(error instanceof CaptureRequestError || error instanceof TypeError)) throw error
  process.stderr.write(`make-capture: ${error.message}\n\n${usage}`)
  process.exitCode = 64
}
