import { parentPort } from "node:worker_threads"
import type { FilterDefinition } from "../filter/FilterFile.ts"
import { type Patience, Trial, type TrialResult } from "./Trial.ts"

/** A request to the worker: to begin, to judge lines, to give the results. */
export type TrialRequest =
  | { readonly _tag: "Begin"; readonly definitions: ReadonlyArray<FilterDefinition>; readonly patience: Patience }
  | { readonly _tag: "Take"; readonly lines: ReadonlyArray<string> }
  | { readonly _tag: "Finish" }

/** The answers of the worker: one for each request, in their order. */
export type TrialAnswer = { readonly _tag: "Taken" } | { readonly _tag: "Finished"; readonly result: TrialResult }

/** The worker's side: answers requests until the thread is ended. */
export const serveTrial = (): void => {
  let trial: Trial | undefined
  const answer = (message: TrialAnswer) => parentPort?.postMessage(message)
  parentPort?.on("message", (request: TrialRequest) => {
    switch (request._tag) {
      case "Begin":
        trial = new Trial(request.definitions, request.patience)
        return answer({ _tag: "Taken" })
      case "Take":
        trial?.take(request.lines)
        return answer({ _tag: "Taken" })
      case "Finish":
        if (trial !== undefined) answer({ _tag: "Finished", result: trial.result() })
    }
  })
}
