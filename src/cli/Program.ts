import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { leave } from "../host/Leave.ts"
import { endAtOnceBySignals } from "../host/Termination.ts"
import { settleTimeZone } from "../host/TimeZone.ts"
import { runCommandLine } from "./Main.ts"
import { stderrLogger } from "./StderrLog.ts"

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeTerminal.layer, stderrLogger)

/** Runs what the command line asks for, with the layers that it needs. */
export const runProgram = (): void => {
  endAtOnceBySignals()
  settleTimeZone()
  // Whatever umask our caller has: files get the permissions that the code gives them, and never more than these.
  process.umask(0o022)
  NodeRuntime.runMain(runCommandLine(process.argv).pipe(Effect.provide(platform)), {
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (_exit, onExit) => {
      const status = Number(process.exitCode ?? 0)
      leave(status, () => onExit(status))
    }
  })
}

/** What the program does in a thread that it has started itself. */
export const serveThread = (): void => {
  void import("../fail2ban/trial/TrialWorker.ts").then(({ serveTrial }) => serveTrial())
}
