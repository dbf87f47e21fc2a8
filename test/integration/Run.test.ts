import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { fakeTcpdump, isAlive, killLastTcpdump, lastTcpdump, textOf } from "../support/Daemon.ts"
import { numberedLines, numbersIn } from "../support/faults/NumberedLines.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { pidIn } from "../support/Pids.ts"
import { until } from "../support/Waiting.ts"

const upTo = (count: number): Array<number> => Array.from({ length: count }, (_, index) => index)

describe("run, rotating", () => {
  it("loses, splits and doubles no line over 150 rotations by HUP and USR1 under a flood", async () => {
    const folder = temporaryFolder()
    const count = 300_000
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, count))
    // A few pieces with pauses, so that the flood outlasts the rotations.
    const fake = fakeTcpdump(
      folder,
      `split -n l/60 ${folder}/lines ${folder}/piece.\nfor piece in ${folder}/piece.*; do cat "$piece"; sleep 0.05; done\nsleep 1000`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake, "--interface", "fake0"])
    await daemon.ready()
    for (let rotation = 0; rotation < 150; rotation++) {
      fs.renameSync(daemon.log, `${daemon.log}.${String(rotation).padStart(3, "0")}`)
      daemon.signal(rotation % 2 === 0 ? "SIGHUP" : "SIGUSR1")
      await until("the log is there again", () => fs.existsSync(daemon.log))
    }
    await until("the last line is there", () => textOf(daemon.log).includes(` seq ${count - 1},`), 60_000)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)

    const files = fs.readdirSync(folder).filter((name) => name.startsWith("pf.log."))
    const texts = [...files.sort().map((name) => textOf(path.join(folder, name))), textOf(daemon.log)]
    expect(texts).toHaveLength(151)
    for (const text of texts) expect(text === "" || text.endsWith("\n")).toBe(true)
    expect(numbersIn(texts.join(""))).toEqual(upTo(count))
    expect(fs.existsSync(daemon.pidFile)).toBe(false)
  })

  it("keeps the file in use where the new one can't be opened, and says why", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 10))
    const fake = fakeTcpdump(
      folder,
      `while [ ! -e ${folder}/go ]; do sleep 0.05; done; cat ${folder}/lines; sleep 1000`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake])
    await daemon.ready()
    fs.renameSync(daemon.log, `${daemon.log}.0`)
    fs.mkdirSync(daemon.log)
    daemon.signal("SIGHUP")
    await until("the reason is told", () => daemon.stderr().includes("it is a folder"))
    fs.writeFileSync(path.join(folder, "go"), "")
    await until("the lines are in the old file", () => numbersIn(textOf(`${daemon.log}.0`)).length === 10)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
  })
})

describe("run, supervising tcpdump", () => {
  it("starts a tcpdump that dies at once between 3 and 12 times in 6 seconds, and tells its last words", async () => {
    const folder = temporaryFolder()
    const fake = fakeTcpdump(
      folder,
      `echo x >>${folder}/starts; echo "tcpdump: fake0: No such device exists" >&2; exit 1`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake])
    await daemon.ready()
    const begin = Date.now()
    await until("6 seconds have passed", () => Date.now() - begin > 6000)
    const starts = textOf(path.join(folder, "starts")).length / 2
    expect(starts).toBeGreaterThanOrEqual(3)
    expect(starts).toBeLessThanOrEqual(12)
    expect(textOf(daemon.log)).toMatch(
      /pfasciilogd\[\d+\]: tcpdump exited with status 1, saying: tcpdump: fake0: No such/
    )
    // TERM comes during the wait between two starts.
    daemon.signal("SIGTERM")
    expect(await daemon.ended(5000)).toBe(0)
    expect(fs.existsSync(daemon.pidFile)).toBe(false)
  })

  it("replaces a tcpdump that was killed within 5 seconds", async () => {
    const folder = temporaryFolder()
    const daemon = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, "sleep 1000")])
    const first = await killLastTcpdump(daemon.log)
    await until("another one runs", () => lastTcpdump(daemon.log) !== first, 5000)
    expect(textOf(daemon.log)).toContain("tcpdump was ended by signal SIGKILL")
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
    expect(isAlive(lastTcpdump(daemon.log))).toBe(false)
  })

  it("ends a tcpdump that ignores TERM, and leaves no child", async () => {
    const folder = temporaryFolder()
    const fake = fakeTcpdump(folder, `trap '' TERM INT; echo $$ >${folder}/child; while :; do sleep 1; done`)
    const daemon = startDaemon(folder, ["--tcpdump", fake, "--stop-grace", "500 millis"])
    await until("tcpdump runs", () => textOf(path.join(folder, "child")) !== "")
    daemon.signal("SIGTERM")
    expect(await daemon.ended(10_000)).toBe(0)
    expect(isAlive(pidIn(path.join(folder, "child")))).toBe(false)
  })

  it("stops in order though TERM and INT come again and again meanwhile", async () => {
    const folder = temporaryFolder()
    const fake = fakeTcpdump(
      folder,
      `trap 'sleep 1; cat ${folder}/lines; exit 0' TERM; echo $$ >${folder}/child; while :; do sleep 0.05; done`
    )
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 10))
    const daemon = startDaemon(folder, ["--tcpdump", fake])
    await until("tcpdump runs", () => textOf(path.join(folder, "child")) !== "")
    daemon.signal("SIGTERM")
    const again = setInterval(() => {
      daemon.signal("SIGTERM")
      daemon.signal("SIGINT")
    }, 50)
    expect(await daemon.ended().finally(() => clearInterval(again))).toBe(0)
    expect(numbersIn(textOf(daemon.log))).toEqual(upTo(10))
    expect(isAlive(pidIn(path.join(folder, "child")))).toBe(false)
    expect(fs.existsSync(daemon.pidFile)).toBe(false)
  })

  it("writes all that tcpdump had written when TERM comes in the middle of a flood", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 100_000))
    const fake = fakeTcpdump(
      folder,
      `trap 'exit 0' TERM; cat ${folder}/lines; echo end >${folder}/written; sleep 1000 & wait`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake])
    await until("some lines are there", () => fs.existsSync(daemon.log) && fs.statSync(daemon.log).size > 100_000)
    await until("all are written", () => textOf(path.join(folder, "written")) !== "")
    daemon.signal("SIGINT")
    expect(await daemon.ended()).toBe(0)
    expect(numbersIn(textOf(daemon.log))).toEqual(upTo(100_000))
  })
})

describe("run, at its start", () => {
  it("closes the inspector that a USR1 opens while Node itself still starts", async () => {
    let survived = 0
    for (const delay of [40, 60, 80, 100, 200, 400]) {
      const folder = temporaryFolder()
      const daemon = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, "sleep 1000")])
      await new Promise((resolve) => setTimeout(resolve, delay))
      daemon.signal("SIGUSR1")
      await daemon.ready()
      // On a busy machine Node may not have begun to take signals by then.
      if (daemon.process.signalCode === "SIGUSR1") continue
      survived += 1
      await expect(fetch("http://127.0.0.1:9229/json/version")).rejects.toThrow()
      daemon.signal("SIGTERM")
      expect(await daemon.ended()).toBe(0)
    }
    expect(survived).toBeGreaterThan(0)
  })

  it("refuses a second instance and leaves the first undisturbed", async () => {
    const folder = temporaryFolder()
    const daemon = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, "sleep 1000")])
    await daemon.ready()
    const second = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, "sleep 1000")])
    expect(await second.ended()).toBe(69)
    expect(second.stderr()).toContain(`already running with process number ${daemon.process.pid}`)
    expect(textOf(daemon.pidFile)).toBe(`${daemon.process.pid}\n`)
    expect(daemon.process.exitCode).toBe(null)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
  })

  it.each(["4194301\n", ""])("replaces a stale pid file that holds %j", async (content) => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "pf.pid"), content)
    const daemon = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, "sleep 1000")])
    await until("the pid file is ours", () => textOf(daemon.pidFile) === `${daemon.process.pid}\n`)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
    expect(fs.existsSync(daemon.pidFile)).toBe(false)
  })

  it("creates the log with its mode whatever the umask, and never truncates one", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 3))
    const fake = fakeTcpdump(folder, `cat ${folder}/lines; sleep 1000`)
    for (const expected of [3, 6]) {
      const daemon = startDaemon(folder, ["--tcpdump", fake])
      await until("the lines are there", () => numbersIn(textOf(daemon.log)).length === expected)
      expect(fs.statSync(daemon.log).mode & 0o777).toBe(0o640)
      daemon.signal("SIGTERM")
      expect(await daemon.ended()).toBe(0)
    }
  })

  it("ends the torn line of a killed predecessor, so that no new line is glued to it", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "pf.log"), "2026-11-22T06:16:54.507027+01:00 rule 1/0(ma")
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 2))
    const daemon = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, `cat ${folder}/lines; sleep 1000`)])
    await until("the lines are there", () => numbersIn(textOf(daemon.log)).length === 2)
    expect(textOf(daemon.log).startsWith("2026-11-22T06:16:54.507027+01:00 rule 1/0(ma\n")).toBe(true)
  })
})
