import { administrators } from "./Administrators.ts"
import { attackers } from "./Attackers.ts"
import { failingWrites } from "./FailingWrites.ts"
import type { FaultCase } from "./FaultCase.ts"
import { frozenDisk } from "./FrozenDisk.ts"
import { fullDisk } from "./FullDisk.ts"
import { instances } from "./Instances.ts"
import { limits } from "./Limits.ts"
import { logNames } from "./LogNames.ts"
import { printers } from "./Printers.ts"
import { scanLogs } from "./ScanLogs.ts"
import { scanNames } from "./ScanNames.ts"
import { scanRefusals } from "./ScanRefusals.ts"
import { scanStops } from "./ScanStops.ts"
import { signals } from "./Signals.ts"
import { stops } from "./Stops.ts"
import { tcpdumpLife } from "./TcpdumpLife.ts"
import { tcpdumpOutput } from "./TcpdumpOutput.ts"

const allCases: ReadonlyArray<FaultCase> = [
  ...fullDisk,
  ...failingWrites,
  ...logNames,
  ...tcpdumpLife,
  ...tcpdumpOutput,
  ...printers,
  ...signals,
  ...instances,
  ...limits,
  ...stops,
  ...frozenDisk,
  ...scanLogs,
  ...scanNames,
  ...scanStops,
  ...scanRefusals,
  ...attackers,
  ...administrators
]

const isRoot = process.getuid?.() === 0

/** The cases that can be played here. */
export const faultCases = allCases.filter((fault) => isRoot || fault.root !== true)

/** Those that can't: mounting a file system and becoming another user need root. */
export const leftOut = allCases.filter((fault) => !faultCases.includes(fault))
