import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import type { DaemonOptions } from "../Daemon.ts"
import type { Stage } from "./Stage.ts"

/** Writes to the log that go wrong when told to. */
export interface FaultyWrites {
  /** How the daemon is started with them. */
  readonly options: DaemonOptions
  /** Says what happens from now on: see test/fixtures/faults/faultywrite.c. */
  readonly say: (control: string) => void
}

const source = path.resolve("test/fixtures/faults/faultywrite.c")

/** Compiles the library that is preloaded, and names the log that it acts on: all files whose path begins so. */
export const faultyWrites = (stage: Stage, log = stage.file("pf.log")): FaultyWrites => {
  const library = stage.file("faultywrite.so")
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
  const control = stage.file("control")
  const say = (words: string) => {
    // By rename: the library never reads half of it.
    fs.writeFileSync(`${control}.new`, words)
    fs.renameSync(`${control}.new`, control)
  }
  say("none")
  return {
    options: {
      environment: {
        LD_PRELOAD: library,
        FAULTY_LOG: log,
        FAULTY_CONTROL: control,
        // A write handed to the kernel's ring would pass the library by.
        UV_USE_IO_URING: "0"
      }
    },
    say
  }
}
