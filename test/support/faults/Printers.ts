import * as fs from "node:fs"
import { type Daemon, isAlive, textOf } from "../Daemon.ts"
import { killedBy } from "../FailingPrinters.ts"
import { pidIn } from "../Pids.ts"
import { until } from "../Waiting.ts"
import type { FaultCase, Outcome } from "./FaultCase.ts"
import { writeNumberedPackets } from "./NumberedPackets.ts"
import type { Stage } from "./Stage.ts"

const perPart = 700

/**
 * A fake tcpdump that captures so many parts of numbered packets, with pauses between, and then stays; or prints by `printer`, and
 * else as the real one does. Each printer notes its process number in the file `printers`.
 */
const capturing = (stage: Stage, parts: number, printer: string, pause = 0.02): string => {
  for (let part = 0; part < parts; part++) {
    writeNumberedPackets(stage.file(`packets.${part}`), part * perPart, perPart, part === 0)
  }
  return stage.fake(`case " $* " in *' -w '*)
  n=0; while [ -e "$F/packets.$n" ]; do cat "$F/packets.$n"; n=$((n + 1)); sleep ${pause}; done
  : >"$F/captured"; exec sleep 1000 ;;
esac
echo $$ >>"$F/printers"
starts=$(wc -l <"$F/printers")
${printer}
exec tcpdump "$@"`)
}

/** The printers so far, the last one last. */
const printersOf = (stage: Stage): ReadonlyArray<number> =>
  textOf(stage.file("printers"))
    .split("\n")
    .filter((line) => line !== "")
    .map(Number)

const isLoggedOnce = (daemon: Daemon, warning: string): boolean => textOf(daemon.log).split(warning).length === 2

const ownWords = "is logged in the words of the packet decoder"
const replaced = "another one prints what it has not printed"

/** Printers that fail as `printer` does, while all that was captured comes to the log. */
const failing = (name: string, printer: (stage: Stage) => string, told: string, parts = 20): FaultCase => ({
  name: `a printer that ${name}`,
  group: "tcpdump",
  run: async (stage) => {
    const daemon = stage.start(capturing(stage, parts, printer(stage)))
    const sent = parts * perPart
    await stage.arrived(daemon.log, sent - 1, 90_000)
    stage.expect(`the log tells once "${told}"`, isLoggedOnce(daemon, told))
    await stage.finish(daemon)
    const counted = /, [1-9]\d* failures of printing tcpdumps, (\d+) packets that none has printed/.exec(
      textOf(daemon.log)
    )
    stage.expect(
      "the failures are counted, and so is what none prints",
      counted !== null && (counted[1] !== "0") === (told === ownWords)
    )
    return { sent, files: [daemon.log] }
  }
})

/** TERM while printers are in some state: what was captured is in the log all the same. */
const stoppedWhile = (state: string, printer: string): FaultCase => ({
  name: `TERM while a printer ${state}`,
  group: "stop",
  run: async (stage): Promise<Outcome> => {
    const parts = 5
    const daemon = stage.start(capturing(stage, parts, printer, 0), ["--stop-grace", "500 millis"])
    await until("all is captured, and a printer is at it", () => {
      return fs.existsSync(stage.file("captured")) && printersOf(stage).length > 0
    })
    // What the pipe still holds is read at the stop.
    const begin = Date.now()
    await stage.finish(daemon)
    stage.expect("it ends within 8 s", Date.now() - begin < 8000)
    return { sent: parts * perPart, files: [daemon.log] }
  }
})

/** Printers that fail, and captures that do at the same time. */
export const printers: ReadonlyArray<FaultCase> = [
  failing("exits at once, always", () => "exit 1", ownWords),
  failing("hangs, always", () => "exec sleep 1000", ownWords, 3),
  failing("hangs once", () => `! mkdir "$F/once" 2>/dev/null || exec sleep 1000`, replaced, 3),
  failing(
    "stops reading",
    () => `! mkdir "$F/once" 2>/dev/null || { head -c 30000 | tcpdump "$@"; exec sleep 1000; }`,
    replaced,
    3
  ),
  failing("crashes on a certain packet", (stage) => killedBy(stage.folder, "00000fa0", "dies"), ownWords),
  failing("prints something else", () => `! mkdir "$F/once" 2>/dev/null || exec yes`, replaced, 3),
  {
    name: "printers that are killed, a hundred times in a flood",
    group: "tcpdump",
    run: async (stage) => {
      const parts = 100
      // Each of the first 300 is killed once it has written so much, in the middle of a line. Before, nothing is held back.
      const short = `[ "$starts" -gt 300 ] || tcpdump "$@" | { stdbuf -o0 head -c 20000; printf x >>"$F/killed"; kill -KILL $$; }`
      const daemon = stage.start(capturing(stage, parts, short))
      await until("all is captured", () => fs.existsSync(stage.file("captured")), 120_000)
      const killed = textOf(stage.file("killed")).length
      stage.note(`${killed} printers killed`)
      stage.expect("a hundred are killed", killed >= 100)
      await stage.arrived(daemon.log, parts * perPart - 1, 90_000)
      stage.expect(`the log tells once "${replaced}"`, isLoggedOnce(daemon, replaced))
      await stage.finish(daemon)
      return { sent: parts * perPart, files: [daemon.log] }
    }
  },
  {
    name: "a capture that is killed, and its printers with it, ten times",
    group: "tcpdump",
    run: async (stage) => {
      const starts = 10
      for (let start = 0; start < starts; start++) {
        writeNumberedPackets(stage.file(`packets.${start}`), start * perPart, perPart, true)
      }
      const tcpdump = stage.fake(`case " $* " in *' -w '*)
  printf x >>"$F/starts"; n=$(($(wc -c <"$F/starts") - 1))
  [ -e "$F/packets.$n" ] || exec sleep 1000
  cat "$F/packets.$n"; kill -KILL $(tail -n 1 "$F/printers") $$ ;;
esac
echo $$ >>"$F/printers"
exec tcpdump "$@"`)
      fs.writeFileSync(stage.file("printers"), "")
      const daemon = stage.start(tcpdump)
      await stage.arrived(daemon.log, starts * perPart - 1, 60_000)
      await stage.finish(daemon)
      return { sent: starts * perPart, files: [daemon.log] }
    }
  },
  stoppedWhile("prints", ""),
  stoppedWhile("hangs", "exec sleep 1000"),
  stoppedWhile("crashes", "exit 1"),
  {
    name: "pfasciilogd is killed while tcpdump is silent: the next start ends that tcpdump",
    group: "ourselves",
    run: async (stage) => {
      const tcpdump = stage.fake(`printf x >>"$F/starts"; [ "$(wc -c <"$F/starts")" -gt 1 ] || exec sleep 1000
cat "$F/part"; exec sleep 1000`)
      stage.lines("part", 0, 100)
      const first = stage.start(tcpdump)
      await until("tcpdump runs", () => textOf(stage.file("starts")) !== "")
      const left = await until("its number is written", () => pidIn(stage.file("tcpdump.pid")))
      first.signal("SIGKILL")
      await first.ended()
      const second = stage.start(tcpdump)
      await stage.arrived(second.log, 99)
      stage.expect("the tcpdump that was left is gone", !isAlive(left))
      await stage.finish(second)
      return { sent: 100, files: [second.log] }
    }
  }
]
