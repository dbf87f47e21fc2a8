import * as fs from "node:fs"
import { textOf } from "../Daemon.ts"
import type { FaultCase } from "./FaultCase.ts"
import type { Stage } from "./Stage.ts"
import { oneStarts } from "./StartRace.ts"

const data = "somebody's data\n".repeat(10_000)

/** A start that has to be refused with this status and these words; the file `X` holds what it held. */
export const harmless = (
  name: string,
  status: number,
  words: ReadonlyArray<string>,
  flags: (file: string, stage: Stage) => ReadonlyArray<string>
): FaultCase => ({
  name,
  group: "careless administrator",
  run: async (stage) => {
    const file = stage.file("X")
    fs.writeFileSync(file, data)
    const daemon = stage.start(stage.parts(10).tcpdump, flags(file, stage))
    const ended = await daemon.ended()
    stage.expect(`it ends with status ${status}, not ${ended}`, ended === status)
    for (const word of words) stage.expect(`it names ${word}: "${daemon.stderr()}"`, daemon.stderr().includes(word))
    stage.expect("the file is as it was", textOf(file) === data)
    return { sent: 0, files: [] }
  }
})

/** What an administrator does without a second look. */
export const administrators: ReadonlyArray<FaultCase> = [
  harmless("pid file set to a file with data", 73, ["X is no pid file", "--pid-file"], (file) => ["--pid-file", file]),
  {
    ...harmless("pid file set to a file of 5 GB", 73, ["X is no pid file"], (file) => ["--pid-file", file]),
    run: async (stage) => {
      const file = stage.file("X")
      fs.writeFileSync(file, "4194301\n")
      fs.truncateSync(file, 5e9)
      const daemon = stage.start(stage.parts(10).tcpdump, ["--pid-file", file])
      stage.expect("it ends with status 73", (await daemon.ended()) === 73)
      stage.expect("the file is as it was", fs.statSync(file).size === 5e9)
      return { sent: 0, files: [] }
    }
  },
  harmless("pid file and log are one", 78, ["log.file", "process.pid_file"], (file) => [
    "--pid-file",
    file,
    "--log-file",
    file
  ]),
  harmless("counters and log are one", 78, ["log.file", "metrics.textfile"], (file) => [
    "--metrics-textfile",
    file,
    "--log-file",
    file
  ]),
  {
    name: "counters set to a file with data: it stays, a warning says so, and the log goes on",
    group: "careless administrator",
    run: async (stage) => {
      const file = stage.file("X")
      fs.writeFileSync(file, data)
      const script = stage.parts(100)
      const daemon = stage.start(script.tcpdump, ["--metrics-textfile", file, "--metrics-interval", "50 millis"])
      await stage.told(daemon, "holds something else, and is left as it is")
      await stage.arrived(daemon.log, 99)
      await stage.finish(daemon)
      stage.expect("the file is as it was", textOf(file) === data)
      return { sent: script.sent, files: [daemon.log] }
    }
  },
  harmless("saved capture and log are one, through a link", 78, ["log.file", "capture.read"], (file) => {
    fs.symlinkSync(file, `${file}.link`)
    return ["--read", `${file}.link`, "--log-file", file]
  }),
  harmless("saved capture and log are one, by a hard link", 78, ["log.file", "capture.read"], (file) => {
    fs.linkSync(file, `${file}.link`)
    return ["--read", file, "--log-file", `${file}.link`]
  }),
  harmless("the log is the configuration file", 78, ["log.file", "configuration file"], (_, stage) => {
    const file = stage.file("pf.toml")
    fs.writeFileSync(file, "# nothing\n")
    stage.atEnd(() => stage.expect("the configuration is as it was", textOf(file) === "# nothing\n"))
    return ["--config", file, "--log-file", file]
  }),
  {
    name: "second instance on one log, with a pid file of its own: refused before, during and after rotations; not after a crash",
    group: "careless administrator",
    run: async (stage) => {
      const script = stage.parts(200, 200)
      const first = stage.start(script.tcpdump)
      await stage.arrived(first.log, 199)
      const another = async (when: string) => {
        const second = stage.start(script.tcpdump, ["--pid-file", stage.file("other.pid")])
        const status = await second.ended()
        stage.expect(`it is refused ${when} with status 69, not ${status}`, status === 69)
        stage.expect("it names the first", second.stderr().includes(`process number ${first.process.pid}`))
      }
      await another("at once")
      fs.renameSync(first.log, `${first.log}.0`)
      fs.writeFileSync(first.log, "")
      await another("between rename and signal")
      first.signal("SIGHUP")
      script.release()
      await stage.arrived(first.log, script.sent - 1)
      await another("after a rotation")
      first.signal("SIGKILL")
      await first.ended()
      const next = stage.start(stage.fake("exec sleep 1000"), ["--pid-file", stage.file("other.pid")])
      await stage.told(next, "logging pflog0")
      next.signal("SIGTERM")
      stage.expect("the one after a crash runs", (await next.ended()) === 0)
      return { sent: script.sent, files: [`${first.log}.0`, first.log] }
    }
  },
  oneStarts(
    "careless administrator",
    "three started at once on one log, each with a pid file of its own: one of them runs",
    3,
    (stage, number) => ["--pid-file", stage.file(`${number}.pid`)]
  ),
  oneStarts(
    "careless administrator",
    "six started at once on one log, each with a pid file of its own: one of them runs",
    6,
    (stage, number) => ["--pid-file", stage.file(`${number}.pid`)]
  ),
  oneStarts(
    "careless administrator",
    "three started at once on a stale pid file, each with a log of its own: one of them runs",
    3,
    (stage, number) => {
      if (number === 0) fs.writeFileSync(stage.file("pf.pid"), "4194301\n")
      return ["--log-file", stage.file(`${number}.log`)]
    }
  )
]
