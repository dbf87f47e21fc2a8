import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { FilterDefinition } from "../filter/FilterFile.ts"
import { type Patience, Trial, type TrialResult, usualPatience } from "./Trial.ts"
import type { TrialAnswer, TrialRequest } from "./TrialWorker.ts"

/** A trial in a thread of its own, so that signals still reach us while a pattern hangs there. */
export interface RemoteTrial {
  /** Judges lines, and ends once they are judged, so that a fast reader waits. */
  readonly take: (lines: ReadonlyArray<string>) => Effect.Effect<void>
  /** Audits the filters, and gives all results. */
  readonly finish: Effect.Effect<TrialResult>
}

/** Begins a trial; the thread ends with the scope. */
export const beginTrial = (
  definitions: ReadonlyArray<FilterDefinition>,
  patience: Patience = usualPatience
): Effect.Effect<RemoteTrial, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (runsFromSources) return trialHere(new Trial(definitions, patience))
    const worker = yield* Effect.acquireRelease(
      // The program starts itself again, and knows by its thread what it is to do.
      Effect.sync(() => new Worker(process.argv[1] ?? "")),
      (started) => Effect.promise(() => started.terminate())
    )
    yield* ask(worker, { _tag: "Begin", definitions, patience })
    return {
      take: (lines) => Effect.asVoid(ask(worker, { _tag: "Take", lines })),
      finish: Effect.flatMap(ask(worker, { _tag: "Finish" }), (answer) =>
        answer._tag === "Finished" ? Effect.succeed(answer.result) : Effect.dieMessage("the trial has no result")
      )
    }
  })

const ask = (worker: Worker, request: TrialRequest): Effect.Effect<TrialAnswer> =>
  Effect.async((resume) => {
    const settle = (outcome: Effect.Effect<TrialAnswer>) => {
      worker.off("message", answered).off("error", failed)
      resume(outcome)
    }
    const answered = (answer: TrialAnswer) => settle(Effect.succeed(answer))
    const failed = (error: unknown) => settle(Effect.die(error))
    worker.on("message", answered).on("error", failed).postMessage(request)
  })

/** The build says that a module of the program has no address. Without the build there is no file that a thread could run. */
const runsFromSources = import.meta.url !== undefined

const trialHere = (trial: Trial): RemoteTrial => ({
  take: (lines) => Effect.sync(() => trial.take(lines)),
  finish: Effect.sync(() => trial.result())
})
