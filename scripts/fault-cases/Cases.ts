import { failingWrites } from "./FailingWrites.ts"
import type { FaultCase } from "./FaultCase.ts"
import { fullDisk } from "./FullDisk.ts"
import { instances } from "./Instances.ts"
import { limits } from "./Limits.ts"
import { logNames } from "./LogNames.ts"
import { signals } from "./Signals.ts"
import { tcpdumpLife } from "./TcpdumpLife.ts"
import { tcpdumpOutput } from "./TcpdumpOutput.ts"

const allCases: ReadonlyArray<FaultCase> = [
  ...fullDisk,
  ...failingWrites,
  ...logNames,
  ...tcpdumpLife,
  ...tcpdumpOutput,
  ...signals,
  ...instances,
  ...limits
]

/** The cases that can be played here: mounting a file system needs root. */
export const faultCases = allCases.filter((fault) => fault.root !== true || process.getuid?.() === 0)
