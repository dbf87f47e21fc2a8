import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { type Daemon, killLastTcpdump, textOf } from "../Daemon.ts"
import { pause, until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import { faultyWrites } from "./FaultyWrites.ts"
import { flood, linesPerMegabyte } from "./Floods.ts"
import type { Stage } from "./Stage.ts"

/** What the system says of a running process. */
export const usage = (daemon: Daemon) => {
  const status = fs.readFileSync(`/proc/${daemon.process.pid}/status`, "utf8")
  const kilobytes = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1])
  return {
    descriptors: fs.readdirSync(`/proc/${daemon.process.pid}/fd`).length,
    megabytes: kilobytes("VmRSS") / 1024,
    peakMegabytes: kilobytes("VmHWM") / 1024
  }
}

/** The number that the next file to be opened gets. */
export const lowestUnusedDescriptor = (daemon: Daemon): number => {
  const used = new Set(fs.readdirSync(`/proc/${daemon.process.pid}/fd`).map(Number))
  for (let descriptor = 0; ; descriptor++) if (!used.has(descriptor)) return descriptor
}

/** Sets a soft limit of a running process, as the user whose process it is: root may not everywhere. */
export const limit = (daemon: Daemon, user: ReadonlyArray<string>, what: string, soft: number) => {
  const [command = "", ...words] = [...user, "prlimit", "--pid", String(daemon.process.pid), `--${what}=${soft}:`]
  execFileSync(command, words)
}

/** A fake tcpdump that writes a part at each start, and stays until it is killed. */
const partPerStart = (stage: Stage, starts: number): string => {
  for (let start = 0; start < starts; start++) stage.lines(`part.${start}`, start * 100, 100)
  return stage.fake(`printf x >>"$F/starts"
n=$(($(wc -c <"$F/starts") - 1))
[ ! -e "$F/part.$n" ] || cat "$F/part.$n"
exec sleep 1000`)
}

const withLimit = (name: string, what: string, told: string, rotates: boolean): FaultCase => ({
  name,
  group: "ourselves",
  root: true,
  run: async (stage) => {
    // Limits on processes don't bind root, and count what else the user runs: this user runs nothing else.
    const user = 64_000 + (process.pid % 1000)
    fs.chownSync(stage.folder, user, user)
    const fake = partPerStart(stage, 2)
    const asUser = ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "--"]
    const daemon = stage.start(fake, [], { through: asUser })
    await stage.arrived(daemon.log, 99)
    const files = [daemon.log]
    const few = what === "nofile" ? lowestUnusedDescriptor(daemon) : 1
    limit(daemon, asUser, what, few)
    if (rotates) {
      fs.renameSync(daemon.log, `${daemon.log}.0`)
      daemon.signal("SIGHUP")
      await stage.told(daemon, "too many open files")
      files.unshift(`${daemon.log}.0`)
      await killLastTcpdump(`${daemon.log}.0`)
    } else await killLastTcpdump(daemon.log)
    await stage.told(daemon, told)
    limit(daemon, asUser, what, 4096)
    await stage.arrived(daemon.log, 199)
    await stage.finish(daemon)
    return { sent: 200, files }
  }
})

const leaks = (rotations: number, restarts: number, slow: boolean): FaultCase => ({
  name: `${rotations} rotations and ${restarts} restarts of tcpdump: no leak`,
  group: "ourselves",
  ...(slow ? { slow } : {}),
  run: async (stage) => {
    const fake = stage.fake(`n=0; [ ! -e "$F/n" ] || read -r n <"$F/n"
echo "1700000000.000000 rule $((n % 40))/0(match): block in on vtnet0: 198.51.100.7.4242 > 192.0.2.1.22: Flags [S], seq $n, win 1024, length 0"
echo $((n + 1)) >"$F/n"
[ "$n" -ge ${restarts - 1} ] || exit 1
exec sleep 1000`)
    const delays = ["--restart-initial-delay", "1 millis", "--restart-max-delay", "1 millis"]
    const daemon = stage.start(fake, delays)
    await until("it has warmed up", () => numberIn(stage.file("n")) > 40)
    const before = usage(daemon)
    await until("tcpdump was started so often", () => numberIn(stage.file("n")) >= restarts, 200_000)
    await stage.arrived(daemon.log, restarts - 1)
    const old = Array.from({ length: rotations }, (_, index) => `${daemon.log}.${index}`)
    for (const name of old) {
      fs.renameSync(daemon.log, name)
      daemon.signal(name.endsWith("0") ? "SIGHUP" : "SIGUSR1")
      await until("the log is there again", () => fs.existsSync(daemon.log))
    }
    const after = usage(daemon)
    const descriptors = `descriptors: ${before.descriptors} before, ${after.descriptors} after`
    const memory = `memory: ${before.megabytes.toFixed(0)} MB before, ${after.megabytes.toFixed(0)} MB after`
    stage.expect(descriptors, after.descriptors <= before.descriptors + 3)
    stage.expect(memory, after.megabytes < before.megabytes + 40)
    stage.note(`${descriptors}; ${memory}`)
    stage.expect("no warning of Node about listeners", !daemon.stderr().includes("MaxListeners"))
    await stage.finish(daemon)
    return { sent: restarts, files: [...old, daemon.log] }
  }
})

const numberIn = (file: string): number => Number(textOf(file))

const bounded = (pieces: number, slow: boolean): FaultCase => ({
  name: `flood of ${pieces} MB against a stalled disk: memory bounded, tcpdump held back`,
  group: "ourselves",
  ...(slow ? { slow } : {}),
  run: async (stage) => {
    const writes = faultyWrites(stage)
    const { tcpdump, written } = flood(stage, pieces)
    const daemon = stage.start(tcpdump, [], writes.options)
    await until("the flood is in the log", () => fs.existsSync(daemon.log) && fs.statSync(daemon.log).size > 100_000)
    const before = written()
    writes.say("stall")
    let last = -1
    for (let still = 0; still < 20; still = last === written() ? still + 1 : 0) {
      last = written()
      await pause(50)
    }
    const taken = (last - before) / linesPerMegabyte
    stage.expect(`tcpdump is held back, after ${taken} MB`, taken <= 12 && last < pieces * linesPerMegabyte)
    writes.say("none")
    await stage.arrived(daemon.log, pieces * linesPerMegabyte - 1, 120_000)
    const { peakMegabytes } = usage(daemon)
    stage.expect(`the most memory used was ${peakMegabytes.toFixed(0)} MB`, peakMegabytes < 200)
    stage.note(`tcpdump was held back after ${taken} MB more; the most memory used was ${peakMegabytes.toFixed(0)} MB`)
    await stage.finish(daemon)
    return { sent: written(), files: [daemon.log] }
  }
})

/** Limits, bounds and leaks. */
export const limits: ReadonlyArray<FaultCase> = [
  withLimit("no descriptor left for a while", "nofile", "can't start", true),
  withLimit("no process left for a while", "nproc", "can't start", false),
  leaks(300, 100, false),
  leaks(10_000, 1000, true),
  bounded(40, false),
  bounded(200, true)
]
