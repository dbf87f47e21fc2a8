/** What some tests need and not every system has. Node, npm, tcpdump, Python and fail2ban are not among it: without them nothing can be said. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

/** A thing that some test files need. */
export interface Need {
  readonly what: string
  readonly isThere: () => boolean
  readonly files: ReadonlyArray<string>
}

const places = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/sbin"]

const onPath = (program: string) => () =>
  [...(process.env["PATH"] ?? "").split(":"), ...places].some((folder) => existsSync(`${folder}/${program}`))

const program = (name: string, ...files: ReadonlyArray<string>): Need => ({ what: name, isThere: onPath(name), files })

/** Every need, with the test files that have it. */
export const needs: ReadonlyArray<Need> = [
  {
    what: "Linux's /proc",
    isThere: () => existsSync("/proc/self/fd"),
    files: [
      "test/cli/Main.test.ts",
      "test/cli/Signals.test.ts",
      "test/host/Program.test.ts",
      "test/host/SmallFile.test.ts",
      "test/integration/Faults.test.ts",
      "test/integration/Service.test.ts",
      "test/log/LogFile.test.ts",
      "test/rc.d/pfasciilogd.test.ts",
      "test/validate/Checks.test.ts"
    ]
  },
  program(
    "bzip2",
    "test/cli/Simulate.test.ts",
    "test/integration/PacketRun.test.ts",
    "test/integration/SavedCaptures.test.ts"
  ),
  program("checkbashisms", "test/rc.d/pfasciilogd.test.ts", "test/scripts/Shell.test.ts"),
  program("faketime", "test/integration/SimulateServer.test.ts"),
  program("flock", "test/host/FileLock.test.ts"),
  program("mandoc", "test/rc.d/documents.test.ts"),
  program(process.platform === "freebsd" ? "make" : "bmake", "test/scripts/Package.test.ts"),
  program("man", "test/scripts/Package.test.ts"),
  program("promtool", "test/integration/Metrics.test.ts"),
  program("shellcheck", "test/rc.d/pfasciilogd.test.ts", "test/scripts/Shell.test.ts"),
  program("sha256sum", "test/scripts/Package.test.ts"),
  program(
    "xz",
    "test/cli/Simulate.test.ts",
    "test/integration/PacketRun.test.ts",
    "test/integration/SavedCaptures.test.ts"
  ),
  program(
    "zstd",
    "test/cli/Simulate.test.ts",
    "test/integration/PacketRun.test.ts",
    "test/integration/SavedCaptures.test.ts"
  )
]

/** Whether Biome has a program for this system: on FreeBSD it has none. */
export const canLint = (): boolean => spawnSync("npx", ["biome", "--version"], { stdio: "ignore" }).status === 0
