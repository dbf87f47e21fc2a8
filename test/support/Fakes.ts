import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Layer from "effect/Layer"

/** The real starter of processes. */
export const executor = NodeCommandExecutor.layer.pipe(Layer.provide(NodeFileSystem.layer))
