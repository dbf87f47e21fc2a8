import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The real starter of processes. */
export const executor = NodeCommandExecutor.layer.pipe(Layer.provide(NodeFileSystem.layer))

/** Waits for a condition, for ten seconds at most. */
export const until = (what: string, condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() =>
    condition() ? Effect.void : Effect.sleep("10 millis").pipe(Effect.zipRight(until(what, condition)))
  ).pipe(
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => new Error(`waited 10 s in vain until ${what}`) }),
    Effect.orDie
  )
