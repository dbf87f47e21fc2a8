import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import type { FaultCase } from "./FaultCase.ts"
import type { Stage } from "./Stage.ts"

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

/** Disks that are truly full. */
export const fullDisk: ReadonlyArray<FaultCase> = [
  {
    name: "disk of 256 KB, filled by a ballast, enlarged after 1,500 lines",
    group: "disk",
    root: true,
    run: async (stage) => {
      const disk = smallDisk(stage)
      const script = stage.parts(100, 1500, 300)
      const daemon = stage.start(script.tcpdump, ["--log-file", disk.log])
      await stage.arrived(disk.log, 99)
      disk.fill(8192)
      script.release()
      await stage.told(daemon, "no space is left")
      disk.remount("size=4m")
      await stage.arrived(disk.log, 1599)
      script.release()
      await stage.arrived(disk.log, script.sent - 1)
      stage.expect("the trouble is told once", daemon.stderr().split("no space is left").length === 2)
      await stage.finish(daemon)
      return { sent: script.sent, files: [disk.log] }
    }
  },
  {
    name: "disk of 256 KB, filled by the log itself, then enlarged",
    group: "disk",
    root: true,
    run: async (stage) => {
      const disk = smallDisk(stage)
      const script = stage.parts(4000, 100)
      const daemon = stage.start(script.tcpdump, ["--log-file", disk.log])
      await stage.told(daemon, "no space is left")
      script.release()
      disk.remount("size=4m")
      await stage.arrived(disk.log, script.sent - 1)
      await stage.finish(daemon)
      return { sent: script.sent, files: [disk.log] }
    }
  },
  {
    name: "full disk, rotated onto a disk with room",
    group: "disk",
    root: true,
    run: async (stage) => {
      const disk = smallDisk(stage)
      const script = stage.parts(4000, 100)
      const daemon = stage.start(script.tcpdump, ["--log-file", disk.log])
      await stage.told(daemon, "no space is left")
      fs.renameSync(disk.log, `${disk.log}.0`)
      daemon.signal("SIGHUP")
      script.release()
      disk.remount("size=4m")
      await stage.arrived(disk.log, script.sent - 1)
      await stage.finish(daemon)
      return { sent: script.sent, files: [`${disk.log}.0`, disk.log] }
    }
  },
  {
    name: "disk full when TERM comes, with room two seconds later",
    group: "disk",
    root: true,
    run: async (stage) => {
      const disk = smallDisk(stage)
      const script = stage.parts(4000)
      const daemon = stage.start(script.tcpdump, ["--log-file", disk.log])
      await stage.told(daemon, "no space is left")
      daemon.signal("SIGTERM")
      await new Promise((resolve) => setTimeout(resolve, 2000))
      disk.remount("size=4m")
      stage.expect("the exit status is 0", (await daemon.ended()) === 0)
      return { sent: script.sent, files: [disk.log] }
    }
  },
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
      await stage.arrived(disk.log, script.sent - 1)
      await stage.finish(daemon)
      return { sent: script.sent, files: [disk.log] }
    }
  }
]
