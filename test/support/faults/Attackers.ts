import { execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { type Daemon, textOf } from "../Daemon.ts"
import { until } from "../Waiting.ts"
import type { FaultCase, Outcome } from "./FaultCase.ts"
import type { Script, Stage } from "./Stage.ts"

const nobody = 65534
const rootsWords = "root's own\n"

/** A case of an attacker on the host: another user who may do all that this user may. */
const attack = (name: string, run: (stage: Stage) => Promise<Outcome>): FaultCase => ({
  name,
  group: "attacker on the host",
  root: true,
  run: (stage) => {
    fs.chmodSync(stage.folder, 0o755)
    return run(stage)
  }
})

/** A folder in the stage's own, with this owner and these permissions. */
export const folderOf = (stage: Stage, name: string, owner: number, mode: number): string => {
  const folder = stage.file(name)
  fs.mkdirSync(folder)
  fs.chownSync(folder, owner, owner)
  fs.chmodSync(folder, mode)
  return folder
}

/** A file of root's that must stay as it is. */
const victimOf = (stage: Stage): string => {
  const victim = stage.file("victim")
  fs.writeFileSync(victim, rootsWords, { mode: 0o600 })
  stage.atEnd(() => stage.expect("root's file is as it was", textOf(victim) === rootsWords))
  return victim
}

const expectUntouched = (stage: Stage, victim: string) => {
  stage.expect("root's file is as it was", textOf(victim) === rootsWords)
  stage.expect("its permissions are as they were", (fs.statSync(victim).mode & 0o777) === 0o600)
}

/** A daemon that keeps its counters in another user's folder, and logs on whatever is planted there. */
const besideTextfile = (
  name: string,
  plant: (play: { stage: Stage; daemon: Daemon; textfile: string; victim: string; script: Script }) => Promise<void>
): FaultCase =>
  attack(name, async (stage) => {
    const victim = victimOf(stage)
    const script = stage.parts(100, 100)
    const textfile = path.join(folderOf(stage, "metrics", nobody, 0o755), "pf.prom")
    const daemon = stage.start(script.tcpdump, ["--metrics-textfile", textfile, "--metrics-interval", "50 millis"])
    await stage.arrived(daemon.log, 99)
    await plant({ stage, daemon, textfile, victim, script })
    script.release()
    await stage.arrived(daemon.log, script.sent - 1)
    const begin = Date.now()
    await stage.finish(daemon)
    stage.expect("TERM ends it in time", Date.now() - begin < 5000)
    expectUntouched(stage, victim)
    return { sent: script.sent, files: [daemon.log] }
  })

/** The names under which an attacker who knows our process number expects a temporary file. */
const foreseeable = ({ process }: Daemon, file: string) => [`${file}.${process.pid}`, `${file}.tmp`, `${file}~`]

/** A start that has to be refused, with what is said and with which status; nothing of root's has changed then. */
export const refused = (
  name: string,
  words: string,
  status: number,
  prepare: (stage: Stage, victim: string) => ReadonlyArray<string>
): FaultCase =>
  attack(name, async (stage) => {
    const victim = victimOf(stage)
    const daemon = stage.start(stage.parts(10).tcpdump, prepare(stage, victim))
    const ended = await daemon.ended()
    stage.expect(`it ends with status ${status}, not ${ended}`, ended === status)
    stage.expect(`it says "${words}", not "${daemon.stderr().trim()}"`, daemon.stderr().includes(words))
    stage.expect("it says what to do", /--(log|pid|scan)-file/.test(daemon.stderr()))
    expectUntouched(stage, victim)
    stage.expect("tcpdump was not started", textOf(stage.file("tcpdump.pid")) === "")
    return { sent: 0, files: [] }
  })

const hardLinked = (where: string, owner: number, mode: number): FaultCase =>
  refused(`hard link to root's file in the log's place, in ${where}`, "has a second name", 73, (stage, victim) => {
    const log = path.join(folderOf(stage, "logs", owner, mode), "pf.log")
    fs.linkSync(victim, log)
    return ["--log-file", log]
  })

/** Another user on this host, against us as root. */
export const attackers: ReadonlyArray<FaultCase> = [
  besideTextfile("link under the counters' temporary name", async ({ daemon, textfile, victim }) => {
    for (const name of foreseeable(daemon, textfile)) {
      fs.rmSync(name, { force: true })
      fs.symlinkSync(victim, name)
    }
    await until("the counters are written", () => textOf(textfile).includes('action="block"'))
  }),
  besideTextfile("FIFO under the counters' temporary name", async ({ daemon, textfile }) => {
    for (const name of foreseeable(daemon, textfile)) {
      fs.rmSync(name, { force: true })
      execFileSync("mkfifo", [name])
    }
    await until("the counters are written", () => textOf(textfile).includes('action="block"'))
  }),
  besideTextfile("link in the counters' place", async ({ textfile, victim }) => {
    fs.symlinkSync(victim, `${textfile}.link`)
    fs.renameSync(`${textfile}.link`, textfile)
    await until("the link is replaced", () => fs.lstatSync(textfile).isFile())
  }),
  besideTextfile("FIFO in the counters' place", async ({ textfile }) => {
    // By a rename: the daemon may write it at any moment.
    execFileSync("mkfifo", [`${textfile}.fifo`])
    fs.renameSync(`${textfile}.fifo`, textfile)
    await until("it is replaced", () => fs.lstatSync(textfile).isFile())
  }),
  besideTextfile("folder in the counters' place", async ({ stage, daemon, textfile }) => {
    await until("the counters are written", () => fs.existsSync(textfile))
    fs.renameSync(path.dirname(textfile), `${path.dirname(textfile)}.old`)
    fs.mkdirSync(textfile, { recursive: true })
    fs.chownSync(path.dirname(textfile), nobody, nobody)
    await stage.told(daemon, "can't write metrics.textfile")
  }),
  attack("the counters' folder becomes a link to one of root's", async (stage) => {
    const script = stage.parts(100)
    const shared = folderOf(stage, "shared", 0, 0o1777)
    const folder = path.join(shared, "metrics")
    fs.mkdirSync(folder)
    fs.chownSync(folder, nobody, nobody)
    const roots = folderOf(stage, "roots", 0, 0o755)
    fs.writeFileSync(path.join(roots, "pf.prom"), rootsWords)
    const textfile = path.join(folder, "pf.prom")
    const daemon = stage.start(script.tcpdump, ["--metrics-textfile", textfile, "--metrics-interval", "50 millis"])
    await until("the counters are written", () => textOf(textfile).includes('action="block"'))
    fs.renameSync(folder, `${folder}.old`)
    fs.symlinkSync(roots, folder)
    fs.lchownSync(folder, nobody, nobody)
    await stage.told(daemon, "can't write metrics.textfile")
    await stage.finish(daemon)
    stage.expect("root's folder is as it was", fs.readdirSync(roots).join() === "pf.prom")
    stage.expect("root's file is as it was", textOf(path.join(roots, "pf.prom")) === rootsWords)
    return { sent: script.sent, files: [daemon.log] }
  }),
  hardLinked("another user's folder", nobody, 0o755),
  hardLinked("a folder that a group can write to", 0, 0o775),
  hardLinked("a folder that everybody can write to", 0, 0o777),
  refused("log of another user's in that user's folder", "is somebody else's", 73, (stage) => {
    const log = path.join(folderOf(stage, "logs", nobody, 0o755), "pf.log")
    fs.writeFileSync(log, "")
    fs.chownSync(log, nobody, nobody)
    return ["--log-file", log]
  }),
  refused("log folder that another user can replace", "can put another folder in the place", 73, (stage) => {
    const logs = path.join(folderOf(stage, "home", nobody, 0o755), "logs")
    fs.mkdirSync(logs)
    return ["--log-file", path.join(logs, "pf.log")]
  }),
  refused("lock of another user's beside the log", "by which it is held, is another user's", 73, (stage) => {
    const logs = folderOf(stage, "logs", 0, 0o1777)
    fs.writeFileSync(path.join(logs, ".pf.log.lock"), "")
    fs.chownSync(path.join(logs, ".pf.log.lock"), nobody, nobody)
    return ["--log-file", path.join(logs, "pf.log")]
  }),
  refused("pid file in another user's folder", `user ${nobody} owns`, 73, (stage) => [
    "--pid-file",
    path.join(folderOf(stage, "pids", nobody, 0o755), "pf.pid")
  ]),
  refused("pid file that is a hard link to root's", "is no pid file", 73, (stage, victim) => {
    const pids = folderOf(stage, "pids", 0, 0o1777)
    fs.linkSync(victim, path.join(pids, "pf.pid"))
    return ["--pid-file", path.join(pids, "pf.pid")]
  }),
  attack(
    "log and pid file in folders that a group can write to: they are safe, and a warning says what to do",
    async (stage) => {
      const script = stage.parts(100, 100)
      const shared = folderOf(stage, "shared", 0, 0o775)
      const files = ["--log-file", path.join(shared, "pf.log"), "--pid-file", path.join(shared, "pf.pid")]
      const daemon = stage.start(script.tcpdump, files)
      await stage.arrived(daemon.log, 99)
      stage.expect("it says what to do", daemon.stderr().includes(`chmod g-w ${shared}`))
      // The group moves the log away and puts a link to root's file in its place.
      const victim = victimOf(stage)
      fs.renameSync(daemon.log, `${daemon.log}.0`)
      fs.linkSync(victim, daemon.log)
      daemon.signal("SIGHUP")
      await stage.told(daemon, "has a second name")
      script.release()
      await stage.arrived(`${daemon.log}.0`, script.sent - 1)
      daemon.signal("SIGTERM")
      stage.expect("the exit status is 0", (await daemon.ended()) === 0)
      stage.expect(
        "the pid file is emptied, not removed",
        fs.existsSync(daemon.pidFile) && textOf(daemon.pidFile) === ""
      )
      expectUntouched(stage, victim)
      return { sent: script.sent, files: [`${daemon.log}.0`] }
    }
  ),
  attack("stale pid file with the number of another user's process in our name", async (stage) => {
    const script = stage.parts(100)
    const decoy = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "/usr/local/bin/pfasciilogd", "run"], {
      stdio: "ignore",
      uid: nobody,
      gid: nobody
    })
    stage.atEnd(() => decoy.kill("SIGKILL"))
    fs.writeFileSync(stage.file("pf.pid"), `${decoy.pid}\n`)
    const daemon = stage.start(script.tcpdump)
    await stage.arrived(daemon.log, 99)
    await stage.finish(daemon)
    return { sent: script.sent, files: [daemon.log] }
  }),
  attack("another user locks all of our files that may be read: a restart isn't kept from them", async (stage) => {
    const script = stage.parts(100)
    const flags = ["--log-mode", "0644"]
    const first = stage.start(script.tcpdump, flags)
    await stage.arrived(first.log, 99)
    first.signal("SIGKILL")
    await first.ended()
    const hold = `for f in ${stage.folder}/pf.* ${stage.folder}/.pf.*; do [ -r "$f" ] && exec 9<"$f" && flock 9 && sleep 1000 & done; wait`
    const holder = spawn("sh", ["-c", hold], { stdio: "ignore", uid: nobody, gid: nobody, detached: true })
    const leader = holder.pid
    if (leader === undefined) throw new Error("sh has not started")
    stage.atEnd(() => process.kill(-leader, "SIGKILL"))
    await until("the log is locked", () => !canLock(first.log))
    const second = stage.start(script.tcpdump, ["--pid-file", stage.file("other.pid"), ...flags])
    await second.ready()
    await stage.told(second, "logging pflog0")
    second.signal("SIGTERM")
    stage.expect("the exit status is 0", (await second.ended()) === 0)
    return { sent: 0, files: [] }
  })
]

const canLock = (file: string): boolean => {
  try {
    execFileSync("flock", ["-n", file, "true"])
    return true
  } catch {
    return false
  }
}
