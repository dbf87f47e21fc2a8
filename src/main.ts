import { isMainThread } from "node:worker_threads"
import { asksForVersionAlone, printVersion } from "./cli/Version.ts"
import { compileLater } from "./host/Engine.ts"

compileLater()

// The program proper is loaded only where it is needed: a start spends most of its time on that.
const runProgram = () => void import("./cli/Program.ts").then((program) => program.runProgram())

if (!isMainThread) void import("./cli/Program.ts").then((program) => program.serveThread())
else if (asksForVersionAlone(process.argv.slice(2))) printVersion(runProgram)
else runProgram()
