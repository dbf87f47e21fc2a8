import * as fs from "node:fs"
import * as path from "node:path"

/**
 * Writes a tcpdump that prints as the real one does, through a shell script, unless it is one of those that it is to fail as.
 * Where it is to capture (`-w`) it is the real one. The file `starts` in the folder gets a byte for each printer.
 *
 * @param body what a printer does instead of `exec tcpdump "$@"`, with the folder in `$F`
 */
export const failingPrinter = (folder: string, body: string): string => {
  const file = path.join(folder, "failing-printer")
  const script = `#!/bin/sh
F='${folder}'
case " $* " in *' -w '*) exec tcpdump "$@" ;; esac
printf x >>"$F/starts"
${body}
exec tcpdump "$@"
`
  fs.writeFileSync(file, script, { mode: 0o755 })
  return file
}

/** How many printers were started. */
export const printersStarted = (folder: string): number => {
  const file = path.join(folder, "starts")
  return fs.existsSync(file) ? fs.statSync(file).size : 0
}

/**
 * The body of a printer that a record kills which holds these bytes: it prints those before, and is then ended by SEGV, or hangs.
 *
 * @param poison in hexadecimal digits
 */
export const killedBy = (folder: string, poison: string, end: "dies" | "hangs"): string => {
  const file = path.join(folder, "poisoned.mjs")
  fs.writeFileSync(
    file,
    `import { spawn } from "node:child_process"
const poison = Buffer.from(${JSON.stringify(poison)}, "hex")
const printer = spawn("tcpdump", process.argv.slice(2), { stdio: ["pipe", "inherit", "inherit"] })
let held = Buffer.alloc(0)
let isPoisoned = false
// As the real one, it ends once it has printed as many packets as its -c says.
printer.on("exit", () => { if (!isPoisoned) process.exit() })
const fail = () => {
  isPoisoned = true
  printer.stdin.end()
  printer.on("exit", () => ${end === "dies" ? 'process.kill(process.pid, "SIGSEGV")' : "setInterval(() => {}, 1000)"})
}
process.stdin.on("data", (bytes) => {
  if (isPoisoned) return
  held = Buffer.concat([held, bytes])
  let at = printer.headed ? 0 : 24
  if (held.length < at) return
  printer.headed = true
  for (let end = at; ; at = end) {
    if (at + 16 > held.length) break
    end = at + 16 + held.readUInt32LE(at + 8)
    if (end > held.length) break
    if (held.subarray(at, end).includes(poison)) {
      printer.stdin.write(held.subarray(0, at))
      return fail()
    }
  }
  printer.stdin.write(held.subarray(0, at))
  held = Buffer.from(held.subarray(at))
})
process.stdin.on("end", () => { if (!isPoisoned) printer.stdin.end() })
`
  )
  return `exec '${process.execPath}' '${file}' "$@"`
}
