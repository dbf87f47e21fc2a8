import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { runCommandLine } from "./cli/Main.ts"
import { stderrLogger } from "./cli/Report.ts"
import { leave } from "./host/Leave.ts"

const platform = Layer.mergeAll(
  NodeCommandExecutor.layer.pipe(Layer.provideMerge(NodeFileSystem.layer)),
  NodePath.layer,
  NodeTerminal.layer,
  stderrLogger
)

NodeRuntime.runMain(runCommandLine(process.argv).pipe(Effect.provide(platform)), {
  disableErrorReporting: true,
  disablePrettyLogger: true,
  teardown: (_exit, onExit) => {
    const status = Number(process.exitCode ?? 0)
    leave(status, () => onExit(status))
  }
})

// Stopping in order takes a while. A second TERM, from a service script that waits or from daemon(8) that passes on what the
// script has sent already, must not kill us in the middle of it.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => undefined)
