import { parentPort } from "node:worker_threads"
import type { FilterDefinition } from "../filter/FilterFile.ts"
import { type Patience, Trial, type TrialResult } from "./Trial.ts"

/** What the worker is asked: to begin, to judge lines, to tell what it found out. */
export type TrialRequest =
  | { readonly _tag: "Begin"; readonly definitions: ReadonlyArray<FilterDefinition>; readonly patience: Patience }
  | { readonly _tag: "Take"; readonly lines: ReadonlyArray<string> }
  | { readonly _tag: "Finish" }

/** What it answers, one for each request in turn. */
export type TrialAnswer = { readonly _tag: "Taken" } | { readonly _tag: "Finished"; readonly result: TrialResult }

/** The worker's side: answers requests for as long as it lives. */
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
