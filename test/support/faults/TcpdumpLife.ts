import * as fs from "node:fs"
import { isAlive, lastTcpdump, textOf } from "../Daemon.ts"
import { pidIn } from "../Pids.ts"
import { until } from "../Waiting.ts"
import type { FaultCase } from "./FaultCase.ts"
import type { Stage } from "./Stage.ts"

/**
 * A fake tcpdump that at each start writes the next of `starts` parts and then does `end`; after the last part it stays.
 * How often it was started stands in the file `starts`, a byte each.
 */
const restarting = (stage: Stage, starts: number, end: string): string => {
  for (let start = 0; start < starts; start++) stage.lines(`part.${start}`, start * perStart, perStart)
  return stage.fake(`printf x >>"$F/starts"
n=$(($(wc -c <"$F/starts") - 1))
[ -e "$F/part.$n" ] || exec sleep 1000
cat "$F/part.$n"
[ "$n" -lt ${starts - 1} ] || exec sleep 1000
${end}`)
}

const perStart = 200

const ending = (how: string, end: string, expected: string): FaultCase => ({
  name: `tcpdump ${how}`,
  group: "tcpdump",
  run: async (stage) => {
    const starts = 3
    const daemon = stage.start(restarting(stage, starts, end), ["--stop-grace", "300 millis"])
    await stage.arrived(daemon.log, starts * perStart - 1)
    stage.expect(`the log tells "${expected}"`, textOf(daemon.log).includes(expected))
    await stage.finish(daemon)
    return { sent: starts * perStart, files: [daemon.log] }
  }
})

/** tcpdump is missing, dies, hangs or won't die. */
export const tcpdumpLife: ReadonlyArray<FaultCase> = [
  {
    name: "no tcpdump, which appears later",
    group: "tcpdump",
    run: async (stage) => {
      const script = stage.parts(200)
      fs.renameSync(script.tcpdump, stage.file("away"))
      const daemon = stage.start(script.tcpdump)
      await stage.told(daemon, "there is no such program")
      fs.renameSync(stage.file("away"), script.tcpdump)
      await stage.complete(daemon, script)
      return { sent: script.sent, files: [daemon.log] }
    }
  },
  {
    name: "tcpdump that may not be executed, and may later",
    group: "tcpdump",
    run: async (stage) => {
      const script = stage.parts(200)
      fs.chmodSync(script.tcpdump, 0o644)
      const daemon = stage.start(script.tcpdump)
      await stage.told(daemon, "permission denied")
      fs.chmodSync(script.tcpdump, 0o755)
      await stage.complete(daemon, script)
      return { sent: script.sent, files: [daemon.log] }
    }
  },
  {
    name: "no interface at boot, there later, destroyed and created anew",
    group: "tcpdump",
    run: async (stage) => {
      stage.lines("part.0", 0, 200)
      stage.lines("part.1", 200, 200)
      const fake = stage.fake(`if [ -e "$F/up.1" ]; then cat "$F/part.1"; exec sleep 1000; fi
if [ -e "$F/up.0" ]; then
  cat "$F/part.0"; rm "$F/up.0"
  echo "tcpdump: pcap_loop: The interface disappeared" >&2; exit 1
fi
echo "tcpdump: pflog0: No such device exists" >&2
echo "(SIOCGIFHWADDR: No such device)" >&2
exit 1`)
      const daemon = stage.start(fake)
      await stage.told(daemon, "No such device exists")
      fs.writeFileSync(stage.file("up.0"), "")
      await stage.told(daemon, "The interface disappeared")
      fs.writeFileSync(stage.file("up.1"), "")
      await stage.arrived(daemon.log, 399)
      await stage.finish(daemon)
      return { sent: 400, files: [daemon.log] }
    }
  },
  ending("exits with status 0", "exit 0", "exited with status 0"),
  ending("exits with status 1", "exit 1", "exited with status 1"),
  ending("exits with status 3", "exit 3", "exited with status 3"),
  ending("is killed", "kill -KILL $$", "ended by signal SIGKILL"),
  ending("crashes (SEGV)", "kill -SEGV $$", "ended by signal SIGSEGV"),
  ending("closes its output and lives on", "exec >&-; exec sleep 1000", "was ended by signal SIGTERM"),
  ending("closes both its outputs, ignores TERM and lives on", "trap '' TERM; exec >&- 2>&-; sleep 1000", "SIGKILL"),
  ending("leaves a grandchild that holds its pipes", 'sleep 1000 & echo $! >>"$F/grandchildren"; exit 1', "status 1"),
  {
    name: "tcpdump that hangs without output: TERM still ends us at once",
    group: "tcpdump",
    run: async (stage) => {
      const daemon = stage.start(stage.fake("exec sleep 1000"))
      await until("tcpdump runs", () => lastTcpdump(daemon.log))
      const begin = Date.now()
      await stage.finish(daemon)
      stage.expect("it ends within 2 s", Date.now() - begin < 2000)
      return { sent: 0, files: [daemon.log] }
    }
  },
  {
    name: "tcpdump that ignores TERM: killed after the grace",
    group: "tcpdump",
    run: async (stage) => {
      stage.lines("part", 0, 500)
      const fake = stage.fake(`trap '' TERM INT; cat "$F/part"; while :; do sleep 0.1; done`)
      const daemon = stage.start(fake, ["--stop-grace", "300 millis"])
      await stage.arrived(daemon.log, 499)
      await stage.finish(daemon)
      return { sent: 500, files: [daemon.log] }
    }
  },
  {
    name: "tcpdump that crashes at once, a hundred times, as fast as it is started",
    group: "tcpdump",
    run: async (stage) => {
      const fake = stage.fake(`if [ -e "$F/part" ]; then cat "$F/part"; exec sleep 1000; fi
printf x >>"$F/starts"; echo "tcpdump: fake0: No such device exists" >&2; exit 1`)
      const delays = ["--restart-initial-delay", "1 millis", "--restart-max-delay", "10 millis"]
      const daemon = stage.start(fake, delays)
      await until("it was started so often", () => textOf(stage.file("starts")).length >= 100, 60_000)
      stage.lines("part.new", 0, 200)
      fs.renameSync(stage.file("part.new"), stage.file("part"))
      await stage.arrived(daemon.log, 199)
      const starts = textOf(stage.file("starts")).length
      const notices = textOf(daemon.log).split("\n").length - 200
      stage.expect(`the log stays small: ${notices} notices of ${starts} starts`, notices < 30)
      stage.note(`${notices} notices of ${starts} starts`)
      await stage.finish(daemon)
      return { sent: 200, files: [daemon.log] }
    }
  },
  {
    name: "grandchildren that hold the pipes are ended with their tcpdump",
    group: "tcpdump",
    run: async (stage) => {
      const fake = restarting(stage, 2, 'sleep 1000 & echo $! >"$F/grandchild"; exit 0')
      const daemon = stage.start(fake)
      await stage.arrived(daemon.log, 2 * perStart - 1)
      stage.expect("the grandchild is gone", !isAlive(pidIn(stage.file("grandchild"))))
      await stage.finish(daemon)
      return { sent: 2 * perStart, files: [daemon.log] }
    }
  }
]
