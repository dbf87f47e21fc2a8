import { execFileSync, spawn } from "node:child_process"
import { createSocket } from "node:dgram"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { fakeTcpdump, textOf } from "../support/Daemon.ts"
import { numberedLines, numbersIn } from "../support/faults/NumberedLines.ts"
import { startDaemon, temporaryFolder } from "../support/PerTest.ts"
import { until } from "../support/Waiting.ts"

describe("metrics.textfile", () => {
  it("holds the counters as promtool and a real node_exporter read them, up to the last entry", async () => {
    const folder = temporaryFolder()
    const metrics = path.join(folder, "metrics")
    fs.mkdirSync(metrics)
    const textfile = path.join(metrics, "pfasciilogd.prom")
    fs.writeFileSync(path.join(folder, "lines"), `${numberedLines(0, 70)}\tno entry\n`)
    const fake = fakeTcpdump(
      folder,
      `cat ${folder}/lines; echo "tcpdump: 70 packets captured, 75 packets received by filter, 5 packets dropped by kernel" >&2; sleep 1000`
    )
    const daemon = startDaemon(folder, [
      "--tcpdump",
      fake,
      "--metrics-textfile",
      textfile,
      "--metrics-interval",
      "50 millis"
    ])
    await until("the entries are counted", () =>
      textOf(textfile).includes('entries_total{action="block",interface="pflog0"} 70')
    )
    daemon.signal("SIGHUP")
    await until("the rotation is counted", () => textOf(textfile).includes('rotations_total{interface="pflog0"} 1'))
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)

    expect(execFileSync("promtool", ["check", "metrics"], { input: textOf(textfile), encoding: "utf8" })).toBe("")
    expect(fs.readdirSync(metrics)).toEqual(["pfasciilogd.prom"])
    const scraped = await scrape(metrics)
    const label = '{interface="pflog0"}'
    expect(scraped).toContain('pfasciilogd_entries_total{action="block",interface="pflog0"} 70')
    expect(scraped).toContain(`pfasciilogd_unrecognised_lines_total${label} 1`)
    expect(scraped).toContain(`pfasciilogd_kernel_received_packets_total${label} 75`)
    expect(scraped).toContain(`pfasciilogd_kernel_dropped_packets_total${label} 5`)
    expect(scraped).toContain(`pfasciilogd_rotations_total${label} 1`)
    expect(scraped).toContain(`pfasciilogd_printer_failures_total${label} 0`)
    expect(scraped).toContain(`pfasciilogd_own_words_total${label} 0`)
    expect(scraped).toMatch(/pfasciilogd_last_entry_timestamp_seconds{interface="pflog0"} 1\.7000000000000\d+e\+09/)
    const written = fs.statSync(daemon.log).size
    expect(scraped).toContain(`pfasciilogd_written_bytes_total${label} ${written}`)
  })

  it("keeps two instances apart: node_exporter serves the series of both", async () => {
    const metrics = path.join(temporaryFolder(), "metrics")
    fs.mkdirSync(metrics)
    for (const [name, count] of [
      ["pflog0", 3],
      ["pflog1", 5]
    ] as const) {
      const folder = temporaryFolder()
      const textfile = path.join(metrics, `${name}.prom`)
      fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, count))
      const fake = fakeTcpdump(folder, `cat ${folder}/lines; sleep 1000`)
      const daemon = startDaemon(folder, ["--tcpdump", fake, "--interface", name, "--metrics-textfile", textfile])
      await until("the lines are there", () => numbersIn(textOf(daemon.log)).length === count)
      daemon.signal("SIGTERM")
      expect(await daemon.ended()).toBe(0)
    }
    const scraped = await scrape(metrics)
    expect(scraped).toContain('pfasciilogd_entries_total{action="block",interface="pflog0"} 3')
    expect(scraped).toContain('pfasciilogd_entries_total{action="block",interface="pflog1"} 5')
    const series = [...scraped.matchAll(/^pfasciilogd_\w+({.*})? /gm)].map(([one]) => one)
    expect(series.length).toBeGreaterThan(10)
    for (const one of series) expect(one).toContain('interface="pflog')
  })

  it("tells once that it can't be written, and logs on", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 5))
    const fake = fakeTcpdump(folder, `sleep 0.5; cat ${folder}/lines; sleep 1000`)
    const missing = path.join(folder, "nowhere", "pf.prom")
    const daemon = startDaemon(folder, [
      "--tcpdump",
      fake,
      "--metrics-textfile",
      missing,
      "--metrics-interval",
      "20 millis"
    ])
    await until("the lines are there", () => numbersIn(textOf(daemon.log)).length === 5)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
    expect(daemon.stderr().match(/can't write metrics\.textfile/g)).toHaveLength(1)
  })
})

describe("the counters", () => {
  it("are told on USR2, and at the end", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 5))
    const daemon = startDaemon(folder, ["--tcpdump", fakeTcpdump(folder, `cat ${folder}/lines; sleep 1000`)])
    await until("the lines are there", () => numbersIn(textOf(daemon.log)).length === 5)
    daemon.signal("SIGUSR2")
    await until("they are told", () => daemon.stderr().includes("5 entries (5 block), 0 other lines of tcpdump"))
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
    expect(textOf(daemon.log)).toMatch(/pfasciilogd\[\d+\]: ending: 5 entries \(5 block\)/)
  })

  it("count what the real tcpdump says that the kernel had, asked while it runs", async () => {
    const folder = temporaryFolder()
    const textfile = path.join(folder, "pf.prom")
    const daemon = startDaemon(folder, [
      ...["--interface", "lo", "--expression", "udp and dst port 9", "--statistics-interval", "50 millis"],
      ...["--metrics-textfile", textfile, "--metrics-interval", "50 millis"]
    ])
    await until("tcpdump listens", () => textOf(daemon.log).includes("listening on lo"))
    const socket = createSocket("udp4")
    onTestFinished(() => {
      socket.close()
    })
    await until("what the kernel had is counted", () => {
      socket.send("x", 9, "127.0.0.1")
      return /^pfasciilogd_kernel_received_packets_total{.*} [1-9]/m.test(textOf(textfile))
    })
    expect(textOf(daemon.log)).not.toContain("packets captured")
    expect(textOf(textfile)).toContain('pfasciilogd_tcpdump_restarts_total{interface="lo"} 0')
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
  })

  it("warn once after a silence, and again only after an entry", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(path.join(folder, "lines"), numberedLines(0, 1))
    const fake = fakeTcpdump(
      folder,
      `while [ ! -e ${folder}/go ]; do sleep 0.05; done; cat ${folder}/lines; sleep 1000`
    )
    const daemon = startDaemon(folder, ["--tcpdump", fake, "--silence-warning", "300 millis"])
    const warnings = () => daemon.stderr().match(/no entry for 300ms/g)?.length ?? 0
    await until("it warns", () => warnings() === 1)
    fs.writeFileSync(path.join(folder, "go"), "")
    await until("it warns again", () => warnings() === 2)
    daemon.signal("SIGTERM")
    expect(await daemon.ended()).toBe(0)
  })
})

/** What a real node_exporter serves of a folder of text files. */
const scrape = async (folder: string): Promise<string> => {
  const exporter = spawn(
    "prometheus-node-exporter",
    [
      "--web.listen-address=127.0.0.1:0",
      "--collector.disable-defaults",
      "--collector.textfile",
      `--collector.textfile.directory=${folder}`
    ],
    { stdio: ["ignore", "ignore", "pipe"] }
  )
  onTestFinished(() => {
    exporter.kill("SIGKILL")
  })
  let said = ""
  exporter.stderr.on("data", (bytes: Buffer) => {
    said += bytes.toString()
  })
  const address = () => /address=(127\.0\.0\.1:\d+)/.exec(said)?.[1]
  await until("node_exporter listens", () => address() !== undefined)
  return (await fetch(`http://${address()}/metrics`)).text()
}
