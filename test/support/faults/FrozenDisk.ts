import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { textOf } from "../Daemon.ts"
import { until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import { counted, graces, met } from "./MeetStop.ts"
import type { Stage } from "./Stage.ts"

const programs = ["/usr/sbin/fsfreeze", "/usr/sbin/mkfs.ext4", "/dev/loop-control"]

/** Whether this host can freeze a file system of its own: containers mostly can't. */
const canFreeze = programs.every((program) => fs.existsSync(program))

/** Mounts a small file system that can be frozen: nothing, KILL included, ends a write to it before it thaws. */
const freezable = (stage: Stage) => {
  const [image, folder] = [stage.file("image"), stage.file("disk")]
  fs.mkdirSync(folder)
  fs.writeFileSync(image, "")
  fs.truncateSync(image, 8 * 1024 * 1024)
  execFileSync("mkfs.ext4", ["-q", image])
  execFileSync("mount", ["-o", "loop", image, folder])
  stage.atEnd(() => execFileSync("umount", ["-l", folder]))
  let frozen = false
  const thaw = () => {
    if (frozen) execFileSync("fsfreeze", ["-u", folder])
    frozen = false
  }
  stage.atEnd(thaw)
  const freeze = () => {
    execFileSync("fsfreeze", ["-f", folder])
    frozen = true
  }
  return { folder, freeze, thaw }
}

/** A file system that is truly frozen. */
export const frozenDisk: ReadonlyArray<FaultCase> = !canFreeze
  ? []
  : [
      ...met(
        "log on a frozen file system",
        async (stage) => {
          const disk = freezable(stage)
          const log = path.join(disk.folder, "pf.log")
          const script = stage.parts(300, 1500)
          const daemon = stage.start(script.tcpdump, [...graces, "--log-file", log])
          await stage.arrived(log, 299)
          disk.freeze()
          script.release()
          await counted(stage, daemon, script.sent)
          return {
            daemon,
            sent: script.sent,
            files: [log],
            ends: "SIGKILL",
            mayBeWritten: true,
            release: disk.thaw
          }
        },
        { root: true }
      ),
      ...met(
        "tcpdump that hangs in a frozen file system, where not even KILL ends it",
        async (stage) => {
          const disk = freezable(stage)
          stage.lines("lines", 0, 500)
          const daemon = stage.start(
            stage.fake(
              `cat "$F/lines"\nwhile [ ! -e "$F/go" ]; do sleep 0.02; done\necho >"$F/hangs"\necho >"$F/disk/x"`
            ),
            graces
          )
          await stage.arrived(daemon.log, 499)
          disk.freeze()
          fs.writeFileSync(stage.file("go"), "")
          const state = () => textOf(`/proc/${Number(textOf(stage.file("tcpdump.pid")))}/stat`)
          await until("tcpdump hangs", () => / D /.test(state()))
          return {
            daemon,
            sent: 500,
            files: [daemon.log],
            ends: 0,
            tells: "does not end, not even by KILL",
            thawed: disk.thaw
          }
        },
        { root: true }
      )
    ]
