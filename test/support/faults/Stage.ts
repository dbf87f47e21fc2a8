import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { type Daemon, type DaemonOptions, fakeTcpdump, isAlive, killCaptures, runDaemon } from "../Daemon.ts"
import { pidIn } from "../Pids.ts"
import { until } from "../Waiting.ts"
import { numberedLines, numberedText, numbersIn } from "./NumberedLines.ts"

/** A fake tcpdump that writes its lines in parts, each after the one before when it is released. */
export interface Script {
  readonly tcpdump: string
  /** All lines of all parts. */
  readonly sent: number
  /** Lets the next part be written. */
  readonly release: () => void
}

/** Where one case plays: a folder, the processes that it starts, and what it finds. */
export class Stage {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-fault-"))
  /** What was not as it should be, beside the lines of the log. */
  readonly findings: Array<string> = []
  /** What was measured. */
  readonly notes: Array<string> = []
  readonly #daemons: Array<Daemon> = []
  readonly #undo: Array<() => void> = []

  constructor() {
    this.atEnd(() => fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }))
    this.atEnd(() => killGroup(pidIn(this.file("tcpdump.pid"))))
    this.atEnd(() => killCaptures(this.folder))
  }

  /** Is done when the case is over, the last first. */
  atEnd(undo: () => void): void {
    this.#undo.unshift(undo)
  }

  /** What the daemons have last said, for whoever asks why a case failed. */
  get lastWords(): ReadonlyArray<string> {
    return this.#daemons.flatMap((daemon) => daemon.stderr().trimEnd().split("\n").slice(-3))
  }

  /** Ends what still runs and removes the folder. */
  clear(): void {
    for (const undo of this.#undo) undo()
  }

  /** The path of a file in the folder. */
  file(name: string): string {
    return path.join(this.folder, name)
  }

  /** Notes it down where something is not as it should be. */
  expect(what: string, holds: boolean): void {
    if (!holds) this.findings.push(`not so: ${what}`)
  }

  /** Notes down what was measured. */
  note(measured: string): void {
    this.notes.push(measured)
  }

  /** Starts `pfasciilogd run`, with short delays between the starts of tcpdump. */
  start(tcpdump: string, flags: ReadonlyArray<string> = [], options: DaemonOptions = {}): Daemon {
    const delays = flags.includes("--restart-max-delay")
      ? []
      : ["--restart-initial-delay", "20 millis", "--restart-max-delay", "100 millis"]
    const daemon = runDaemon(this.folder, ["--tcpdump", tcpdump, ...delays, ...flags], options)
    this.#daemons.push(daemon)
    this.atEnd(() => daemon.signal("SIGKILL"))
    return daemon
  }

  /** Writes a fake tcpdump, which notes its process number in the file `tcpdump.pid`. */
  fake(body: string): string {
    return fakeTcpdump(this.folder, `F='${this.folder}'\necho $$ >"$F/tcpdump.pid"\n${body}`)
  }

  /** Writes numbered lines into the file `name`. */
  lines(name: string, from: number, count: number, textOf = numberedText): void {
    fs.writeFileSync(this.file(name), numberedLines(from, count, textOf))
  }

  /** A fake tcpdump that writes so many lines, waits for a release, writes so many, …, and then stays. */
  parts(...counts: ReadonlyArray<number>): Script {
    return this.partsOf(numberedText, counts)
  }

  /** The same, with lines of another text. */
  partsOf(textOf: (number: number) => string, counts: ReadonlyArray<number>): Script {
    let sent = 0
    const steps = counts.map((count, index) => {
      this.lines(`part.${index}`, sent, count, textOf)
      sent += count
      return `${index === 0 ? "" : `while [ ! -e "$F/go.${index}" ]; do sleep 0.02; done\n`}cat "$F/part.${index}"`
    })
    let released = 0
    return {
      tcpdump: this.fake([...steps, "exec sleep 1000"].join("\n")),
      sent,
      release: () => fs.writeFileSync(this.file(`go.${++released}`), "")
    }
  }

  /** Waits until the line with this number is the last entry of a log. */
  async arrived(log: string, number: number, bound?: number): Promise<void> {
    await until(`line ${number} is in ${path.basename(log)}`, () => numbersIn(tailOf(log)).includes(number), bound)
  }

  /** Waits until stderr holds a text. */
  async told(daemon: Daemon, words: string, bound?: number): Promise<void> {
    await until(`stderr tells "${words}"`, () => daemon.stderr().includes(words), bound)
  }

  /** Waits until the last line of a script is in the log, and ends the daemon in order. */
  async complete(daemon: Daemon, { sent }: Pick<Script, "sent">): Promise<void> {
    await this.arrived(daemon.log, sent - 1)
    await this.finish(daemon)
  }

  /** Ends a daemon in order, and checks that nothing is left of it. */
  async finish(daemon: Daemon, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.expect("pfasciilogd runs until it is told to end", !daemon.hasEnded())
    daemon.signal(signal)
    const status = await daemon.ended()
    this.expect(`the exit status is 0, not ${status}`, status === 0)
    this.expect("the pid file is gone", !fs.existsSync(daemon.pidFile))
    this.expectNoTcpdump()
  }

  /** No tcpdump lives. */
  expectNoTcpdump(): void {
    this.expect("tcpdump is gone", !isAlive(pidIn(this.file("tcpdump.pid"))))
  }
}

/** A fake tcpdump leads a process group of its own, and outlives a daemon that was killed. */
const killGroup = (pid: number | undefined): void => {
  if (pid === undefined || !isAlive(pid)) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has just ended.
  }
}

const tailLength = 32 * 1024

/** The last part of a file: a long log is looked at often. */
const tailOf = (file: string): string => {
  if (!fs.existsSync(file)) return ""
  const descriptor = fs.openSync(file, "r")
  try {
    const { size } = fs.fstatSync(descriptor)
    const tail = Buffer.alloc(Math.min(size, tailLength))
    fs.readSync(descriptor, tail, 0, tail.length, size - tail.length)
    return tail.toString("latin1")
  } finally {
    fs.closeSync(descriptor)
  }
}
