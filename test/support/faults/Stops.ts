import * as fs from "node:fs"
import * as path from "node:path"
import { type Daemon, textOf } from "../Daemon.ts"
import { killPidIn } from "../Pids.ts"
import { until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import { faultyWrites } from "./FaultyWrites.ts"
import { smallDisk } from "./FullDisk.ts"
import { limit, lowestUnusedDescriptor } from "./Limits.ts"
import { bytesTold, missingBytes } from "./LostLines.ts"
import { counted, graces, type Met, met, stopBound } from "./MeetStop.ts"
import type { Stage } from "./Stage.ts"

/** Lines that wait for a log whose writes fail. */
const failingWith =
  (control: string, words: string) =>
  async (stage: Stage): Promise<Met> => {
    const writes = faultyWrites(stage)
    const script = stage.parts(300, 1500)
    const daemon = stage.start(script.tcpdump, graces, writes.options)
    await stage.arrived(daemon.log, 299)
    writes.say(control)
    script.release()
    await stage.told(daemon, words)
    await counted(stage, daemon, script.sent)
    return { daemon, sent: script.sent, files: [daemon.log], ends: 74 }
  }

const hanging = async (stage: Stage): Promise<Met> => {
  const writes = faultyWrites(stage)
  const script = stage.parts(300, 1500)
  const daemon = stage.start(script.tcpdump, graces, writes.options)
  await stage.arrived(daemon.log, 299)
  writes.say("stall")
  script.release()
  await counted(stage, daemon, script.sent)
  return { daemon, sent: script.sent, files: [daemon.log], ends: "SIGKILL" }
}

/** The log is deleted, and something keeps a new one from being made. */
const deletedWith =
  (words: string, obstruct: (log: string, daemon: Daemon) => void) =>
  async (stage: Stage): Promise<Met> => {
    const script = stage.parts(300, 500)
    fs.mkdirSync(stage.file("logs"))
    const log = stage.file("logs/pf.log")
    const daemon = stage.start(script.tcpdump, [...graces, "--log-file", log])
    await stage.arrived(log, 299)
    const kept = stage.file("kept.log")
    fs.copyFileSync(log, kept)
    fs.rmSync(log)
    obstruct(log, daemon)
    script.release()
    await stage.told(daemon, words)
    await counted(stage, daemon, script.sent)
    return { daemon, sent: script.sent, files: [kept], ends: 74 }
  }

const takeDescriptors = (daemon: Daemon) => limit(daemon, [], "nofile", lowestUnusedDescriptor(daemon))

/** All goes well, but for what `happens`: nothing is lost. */
const harmless =
  (body: string, happens: (daemon: Daemon) => void = () => undefined, files = (log: string) => [log]) =>
  async (stage: Stage): Promise<Met> => {
    stage.lines("lines", 0, 500)
    const daemon = stage.start(stage.fake(`cat "$F/lines"\n${body}`), graces)
    await stage.arrived(daemon.log, 499)
    happens(daemon)
    return { daemon, sent: 500, files: files(daemon.log), ends: 0 }
  }

const stays = "exec sleep 1000"

/** A stop, in every state that it can meet: it ends within its bound, and tells exactly what is lost. */
export const stops: ReadonlyArray<FaultCase> = [
  ...met("disk full in the middle of a line", failingWith("errno 28 10007", "no space is left")),
  ...met("disk full between two lines", failingWith("errno 28 0", "no space is left")),
  ...met("quota used up", failingWith("errno 122 10007", "quota")),
  ...met("read-only file system", failingWith("errno 30 10007", "read-only")),
  ...met("device that fails", failingWith("errno 5 10007", "reports an error")),
  ...met(
    "disk truly full",
    async (stage) => {
      const { log } = smallDisk(stage)
      const script = stage.parts(4000)
      const daemon = stage.start(script.tcpdump, [...graces, "--log-file", log])
      await stage.told(daemon, "no space is left")
      await counted(stage, daemon, script.sent)
      return { daemon, sent: script.sent, files: [log], ends: 74 }
    },
    { root: true }
  ),
  ...met("write that never returns", hanging),
  ...met(
    "folder in the deleted log's place",
    deletedWith("it is a folder", (log) => fs.mkdirSync(log))
  ),
  ...met(
    "log's folder gone",
    deletedWith("folder doesn't exist", (log) => fs.rmSync(path.dirname(log), { recursive: true }))
  ),
  // tcpdump's end sets descriptors free: then the log can be made.
  ...met("log deleted, and no descriptor left", async (stage) => {
    const { files, daemon, sent } = await deletedWith("too many open files", (_, running) => takeDescriptors(running))(
      stage
    )
    return { daemon, sent, files: [...files, daemon.log], ends: 0 }
  }),
  ...met("no descriptor left", harmless(stays, takeDescriptors)),
  ...met(
    "folder in the renamed log's place",
    harmless(
      stays,
      ({ log }) => {
        fs.renameSync(log, `${log}.0`)
        fs.mkdirSync(log)
      },
      (log) => [`${log}.0`]
    )
  ),
  ...met(
    "pid file gone",
    harmless(stays, ({ pidFile }) => fs.rmSync(pidFile))
  ),
  ...met("tcpdump that ignores TERM", harmless("trap '' TERM\nwhile :; do sleep 0.1; done")),
  ...met(
    "tcpdump that ignores TERM and closes its output",
    harmless("trap '' TERM\nexec >&- 2>&-\nwhile :; do sleep 0.1; done")
  ),
  ...met("child of tcpdump that has left its group, holds the pipes and goes on writing", async (stage) => {
    const child = `setsid sh -c 'echo $$ >"$0/child.pid"; while :; do echo chatter; sleep 0.2; done' "$F" &`
    const state = await harmless(`${child}\n${stays}`)(stage)
    await until("it writes", () => textOf(state.daemon.log).includes("chatter"))
    stage.atEnd(() => killPidIn(stage.file("child.pid")))
    return state
  }),
  ...met("file of the metrics that can't be written to its end", async (stage) => {
    const metrics = stage.file("metrics.prom")
    // The name under which it is written before it gets its own begins so.
    const writes = faultyWrites(stage, stage.file(".metrics.prom"))
    writes.say("stall")
    stage.lines("lines", 0, 500)
    const daemon = stage.start(
      stage.fake(`cat "$F/lines"\n${stays}`),
      [...graces, "--metrics-textfile", metrics, "--metrics-interval", "50 millis"],
      writes.options
    )
    await stage.arrived(daemon.log, 499)
    await until("the metrics are being written", () =>
      fs.readdirSync(stage.folder).some((name) => name.startsWith(".metrics.prom."))
    )
    return { daemon, sent: 500, files: [daemon.log], ends: "SIGKILL" }
  }),
  {
    name: "saved capture read to its end, onto a full disk, without any signal",
    group: "stop",
    run: async (stage) => {
      const writes = faultyWrites(stage)
      writes.say("errno 28 10007")
      stage.lines("lines", 0, 500)
      const saved = stage.file("saved.pcap")
      fs.writeFileSync(saved, "")
      const daemon = stage.start(stage.fake('cat "$F/lines"'), [...graces, "--read", saved], writes.options)
      await stage.told(daemon, "no space is left")
      daemon.signal("SIGUSR2")
      await stage.told(daemon, "500 entries (")
      const status = await daemon.ended(stopBound)
      const [told, missing] = [bytesTold(daemon), missingBytes(daemon, 500, [daemon.log])]
      stage.expect(`it ends with 74, not ${status}`, status === 74)
      stage.expect(`${told} bytes are told as lost, and ${missing} are missing`, told === missing)
      return { sent: 500, files: [daemon.log], allowed: { lost: 500, torn: 0, why: `told: ${told} bytes are lost` } }
    }
  }
]
