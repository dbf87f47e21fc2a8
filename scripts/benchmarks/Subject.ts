import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { rmSync } from "node:fs"
import { pidIn } from "../../test/support/Pids.ts"
import { until, untilLogEndsWith } from "./Waiting.ts"
import {
  BenchmarkError,
  catArguments,
  inFolder,
  lastLineMark,
  readUsage,
  shellScript,
  type Usage,
  usageFlags,
  type Workshop
} from "./Workshop.ts"

/** The measured program while it runs. */
export interface Subject {
  readonly process: ChildProcess
  readonly log: string
  /** Ends it in order and tells what it has used. */
  readonly stop: () => Promise<Usage>
}

/** What the measured program is started with. */
export interface SubjectSettings {
  /** The tcpdump that it runs. */
  readonly tcpdump: string
  /** A command under which it runs, such as strace with its flags. */
  readonly under?: ReadonlyArray<string>
  /** The interface, where it is a real one. */
  readonly interface?: string
  /** Instead of an interface. */
  readonly read?: string
  /** More flags of `run`. */
  readonly flags?: ReadonlyArray<string>
}

/** Starts the program with a fresh log and waits until it is ready. */
export const startSubject = async (workshop: Workshop, settings: SubjectSettings): Promise<Subject> => {
  const subject = launch(workshop, settings)
  await until(
    "the pid file of the measured program",
    () => pidIn(pidFile(workshop)) !== undefined || ended(subject.process)
  )
  // What runs under strace, say, is not the process that we have started.
  const pid = pidIn(pidFile(workshop))
  if (pid === undefined || ended(subject.process))
    throw new BenchmarkError(`the measured program has ended:\n${subject.messages()}`)
  return {
    process: subject.process,
    log: logPath(workshop),
    stop: async () => {
      process.kill(pid, "SIGTERM")
      return subject.end()
    }
  }
}

/** Runs the program on a saved capture, to its end. */
export const readCapture = async (workshop: Workshop, capture: string, settings: SubjectSettings): Promise<Usage> =>
  launch(workshop, { ...settings, read: capture }).end()

/** Gives the program so many lines as fast as `cat` can, and tells what it has used for them. */
export const floodSubject = async (workshop: Workshop, lines: number): Promise<Usage> => {
  const files = catArguments(workshop, lines)
    .map((path) => `'${path}'`)
    .join(" ")
  const subject = await startSubject(workshop, {
    tcpdump: shellScript(workshop, "cat-tcpdump", `cat ${files}\nexec sleep 1000`)
  })
  await untilLogEndsWith(subject.log, lastLineMark)
  return subject.stop()
}

const logPath = (workshop: Workshop): string => inFolder(workshop, "pf.log")
const pidFile = (workshop: Workshop): string => inFolder(workshop, "pfasciilogd.pid")
const usagePath = (workshop: Workshop): string => inFolder(workshop, "usage.json")

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const launch = (workshop: Workshop, settings: SubjectSettings) => {
  for (const path of [logPath(workshop), pidFile(workshop), usagePath(workshop)]) rmSync(path, { force: true })
  const [command = "", ...flags] = [
    ...(settings.under ?? []),
    process.execPath,
    ...usageFlags,
    workshop.program,
    ...["run", "--tcpdump", settings.tcpdump],
    ...(settings.read === undefined ? ["--interface", settings.interface ?? "pflog0"] : ["--read", settings.read]),
    ...["--log-file", logPath(workshop), "--pid-file", pidFile(workshop)],
    ...(settings.flags ?? [])
  ]
  const child = spawn(command, flags, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, BENCHMARK_USAGE: usagePath(workshop) }
  })
  let messages = ""
  child.stderr.on("data", (chunk: Buffer) => {
    messages = (messages + chunk.toString()).slice(-4000)
  })
  return {
    process: child,
    messages: () => messages,
    end: async (): Promise<Usage> => {
      if (!ended(child)) await once(child, "exit")
      if (child.exitCode !== 0) throw new BenchmarkError(`the measured program has failed:\n${messages}`)
      return readUsage(usagePath(workshop))
    }
  }
}
