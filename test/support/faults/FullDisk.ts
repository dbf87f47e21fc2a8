import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import type { Daemon } from "../Daemon.ts"
import { pause } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import type { Script, Stage } from "./Stage.ts"

/** Mounts a small file system of its own for the log. */
export const smallDisk = (stage: Stage) => {
  const folder = stage.file("disk")
  fs.mkdirSync(folder)
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "pfasciilogd", folder])
  stage.atEnd(() => execFileSync("umount", ["-l", folder]))
  return {
    log: path.join(folder, "pf.log"),
    remount: (options: string) => execFileSync("mount", ["-o", `remount,${options}`, folder]),
    /** Leaves so many bytes free. */
    fill: (left: number) => {
      const { bavail, bsize } = fs.statfsSync(folder)
      fs.writeFileSync(path.join(folder, "ballast"), Buffer.alloc(bavail * bsize - left))
    }
  }
}

/** A daemon whose log is on a small disk. */
interface Play {
  readonly stage: Stage
  readonly disk: ReturnType<typeof smallDisk>
  readonly script: Script
  readonly daemon: Daemon
}

/** @param play fills the disk and makes room again; returns the files of the log */
const onSmallDisk = (
  name: string,
  parts: ReadonlyArray<number>,
  play: (play: Play) => Promise<ReadonlyArray<string>>
): FaultCase => ({
  name,
  group: "disk",
  root: true,
  run: async (stage) => {
    const disk = smallDisk(stage)
    const script = stage.parts(...parts)
    const daemon = stage.start(script.tcpdump, ["--log-file", disk.log])
    return { sent: script.sent, files: await play({ stage, disk, script, daemon }) }
  }
})

/** Disks that are truly full. */
export const fullDisk: ReadonlyArray<FaultCase> = [
  onSmallDisk(
    "disk of 256 KB, filled by a ballast, enlarged after 1,500 lines",
    [100, 1500, 300],
    async ({ stage, disk, script, daemon }) => {
      await stage.arrived(disk.log, 99)
      disk.fill(8192)
      script.release()
      await stage.told(daemon, "no space is left")
      disk.remount("size=4m")
      await stage.arrived(disk.log, 1599)
      script.release()
      await stage.arrived(disk.log, script.sent - 1)
      stage.expect("the failure is reported once", daemon.stderr().split("no space is left").length === 2)
      await stage.finish(daemon)
      return [disk.log]
    }
  ),
  onSmallDisk(
    "disk of 256 KB, filled by the log itself, then enlarged",
    [4000, 100],
    async ({ stage, disk, script, daemon }) => {
      await stage.told(daemon, "no space is left")
      script.release()
      disk.remount("size=4m")
      await stage.complete(daemon, script)
      return [disk.log]
    }
  ),
  onSmallDisk("full disk, rotated onto a disk with room", [4000, 100], async ({ stage, disk, script, daemon }) => {
    await stage.told(daemon, "no space is left")
    fs.renameSync(disk.log, `${disk.log}.0`)
    daemon.signal("SIGHUP")
    script.release()
    disk.remount("size=4m")
    await stage.complete(daemon, script)
    return [`${disk.log}.0`, disk.log]
  }),
  onSmallDisk("disk full when TERM comes, with room two seconds later", [4000], async ({ stage, disk, daemon }) => {
    await stage.told(daemon, "no space is left")
    daemon.signal("SIGTERM")
    await pause(2000)
    disk.remount("size=4m")
    stage.expect("the exit status is 0", (await daemon.ended()) === 0)
    return [disk.log]
  }),
  {
    name: "read-only file system at the start, writable at the next one",
    group: "disk",
    root: true,
    run: async (stage) => {
      const disk = smallDisk(stage)
      disk.remount("ro")
      const script = stage.parts(200)
      const refused = stage.start(script.tcpdump, ["--log-file", disk.log])
      stage.expect("it ends with status 73 (can't create)", (await refused.ended()) === 73)
      stage.expect("it says why", refused.stderr().includes("read-only"))
      disk.remount("rw")
      const daemon = stage.start(script.tcpdump, ["--log-file", disk.log])
      await stage.complete(daemon, script)
      return { sent: script.sent, files: [disk.log] }
    }
  }
]
