// The floor: what node itself needs to pass the output of a command on to a file.
// usage: bare-node.mjs OUTPUT COMMAND [ARGUMENT...]
import { spawn } from "node:child_process"
import { openSync, writeSync } from "node:fs"

const [output = "", command = "", ...flags] = process.argv.slice(2)
const log = openSync(output, "a")
spawn(command, flags, { stdio: ["ignore", "pipe", "inherit"] }).stdout.on("data", (chunk) => {
  writeSync(log, chunk)
})
