import * as fs from "node:fs"
import { textOf } from "../Daemon.ts"
import { until } from "../Waiting.ts"
import type { FaultCase, Outcome } from "./FaultCase.ts"
import { numberedLines } from "./NumberedLines.ts"
import type { Stage } from "./Stage.ts"

/** Plays what a fake tcpdump writes, up to the line `sent` - 1, and stops in order. */
const played = async (stage: Stage, body: string, sent: number, judge?: (text: string) => void): Promise<Outcome> => {
  const daemon = stage.start(stage.fake(body))
  await stage.arrived(daemon.log, sent - 1, 60_000)
  await stage.finish(daemon)
  judge?.(textOf(daemon.log))
  return { sent, files: [daemon.log] }
}

const stays = "exec sleep 1000"

/** What tcpdump never writes, and what a packet may make it write. */
const garbage = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from("\n\n\r\n\0\n"),
  Buffer.from(`\t${numberedLines(7, 1)}  ${numberedLines(8, 1)}`),
  Buffer.from("1700000000.000001 \x1b[2Jrule 1/0(match)\n"),
  Buffer.from(
    "\u2028rule 1/0(match): block in on vtnet0: 192.0.2.9.1 > 192.0.2.1.22: x\u0085y\n".replace("rule", "\nRule")
  )
])

/** tcpdump writes in odd ways. */
export const tcpdumpOutput: ReadonlyArray<FaultCase> = [
  {
    name: "output that ends without a line feed: the last whole line is kept",
    group: "tcpdump",
    run: async (stage) => {
      fs.writeFileSync(stage.file("part.0"), numberedLines(0, 300).slice(0, -1))
      stage.lines("part.1", 300, 300)
      return played(
        stage,
        `if [ -e "$F/second" ]; then cat "$F/part.1"; ${stays}; fi; : >"$F/second"; cat "$F/part.0"`,
        600
      )
    }
  },
  {
    name: "output that ends within an address: no entry is made of it",
    group: "tcpdump",
    run: async (stage) => {
      const cut = numberedLines(300, 1).split("198.51.100.7.4")[0]
      fs.writeFileSync(stage.file("part.0"), `${numberedLines(0, 300)}${cut}198.51.1`)
      stage.lines("part.1", 300, 300)
      return played(
        stage,
        `if [ -e "$F/second" ]; then cat "$F/part.1"; ${stays}; fi; : >"$F/second"; cat "$F/part.0"`,
        600
      )
    }
  },
  {
    name: "every line in two pieces with a pause between",
    group: "tcpdump",
    run: async (stage) => {
      const lines = numberedLines(0, 41).split(/(?<=\n)/)
      for (const [index, line] of lines.entries()) {
        const cut = 1 + ((index * 4) % (line.length - 1))
        fs.writeFileSync(stage.file(`a.${index}`), line.slice(0, cut))
        fs.writeFileSync(stage.file(`b.${index}`), line.slice(cut))
      }
      const body = `n=0; while [ -e "$F/a.$n" ]; do cat "$F/a.$n"; sleep 0.02; cat "$F/b.$n"; n=$((n + 1)); done; ${stays}`
      return played(stage, body, lines.filter((line) => line !== "").length)
    }
  },
  {
    name: "20 MB on stderr between the lines",
    group: "tcpdump",
    run: async (stage) => {
      stage.lines("part.0", 0, 500)
      stage.lines("part.1", 500, 500)
      const flood = `yes 'tcpdump: pcap_loop: recvfrom: Network is down' | head -c 20000000 >&2`
      return played(stage, `cat "$F/part.0"; ${flood}; cat "$F/part.1"; ${stays}`, 1000)
    }
  },
  {
    name: "garbage: all bytes, empty lines, indented look-alikes, 3 MB without a line feed",
    group: "tcpdump",
    run: async (stage) => {
      fs.writeFileSync(stage.file("garbage"), garbage)
      fs.writeFileSync(stage.file("long"), Buffer.alloc(3_000_000, 0xe9))
      for (const part of [0, 1, 2]) stage.lines(`part.${part}`, part * 200, 200)
      const body = `cat "$F/part.0" "$F/garbage" "$F/part.1" "$F/long"; echo; cat "$F/part.2"; ${stays}`
      return played(stage, body, 600)
    }
  },
  {
    name: "all lines in one write, and none for a while after",
    group: "tcpdump",
    run: async (stage) => {
      const script = stage.parts(20_000)
      const daemon = stage.start(script.tcpdump)
      await until("the lines are there", () => textOf(daemon.log).includes(` seq ${script.sent - 1},`))
      await stage.finish(daemon)
      return { sent: script.sent, files: [daemon.log] }
    }
  }
]
