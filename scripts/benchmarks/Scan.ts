import { spawn, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { buildSync } from "esbuild"
import { type Figure, figure, quantile } from "./Figure.ts"
import { type Subject, startSubject } from "./Subject.ts"
import { until } from "./Waiting.ts"
import {
  BenchmarkError,
  floodCapture,
  inFolder,
  shellScript,
  tcpdumpText,
  type Workshop,
  yardstickPath
} from "./Workshop.ts"

/** What the scan detector costs, and how long a scan goes on until the real fail2ban-server bans it, by either jail. */
export const measureScan = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => [
  ...measureAlone(workshop),
  ...(existsSync("/etc/fail2ban/action.d") ? await measureBans(workshop) : [])
]

/** A script as one file, as the program is built: tsx adds calls to it that cost a fifth. */
const bundled = (workshop: Workshop, name: string): string => {
  const outfile = inFolder(workshop, `${name}.cjs`)
  const entryPoints = [new URL(`${name}.ts`, import.meta.url).pathname]
  buildSync({ entryPoints, outfile, bundle: true, minify: true, platform: "node", target: "node20", format: "cjs" })
  return outfile
}

interface Alone {
  readonly without: number
  readonly added: number
  readonly early: number
  readonly late: number
}

const measureAlone = (workshop: Workshop): ReadonlyArray<Figure> => {
  const text = tcpdumpText(workshop, floodCapture(workshop, 100_000))
  const sources = workshop.quick ? 4_000_000 : 10_000_000
  const script = bundled(workshop, "scan-alone")
  const runs: Array<Alone> = []
  for (let run = 1; run <= workshop.runs; run++) {
    workshop.say(`the scan detector alone, run ${run} of ${workshop.runs}`)
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, text, String(sources)])
    if (status !== 0) throw new BenchmarkError(`the scan detector alone has failed: ${stderr.toString()}`)
    runs.push(JSON.parse(stdout.toString()) as Alone) // printed by scan-alone.ts
  }
  const group = "Scans: what the detector adds"
  return [
    figure({ group, name: "CPU per line of a flood", unit: "µs", ours: runs.map(({ added }) => added), limit: 0.2 }),
    figure({
      group,
      name: `memory after ${sources / 1e6} million forged sources`,
      unit: "MiB",
      ours: runs.map(({ late }) => late),
      yardstick: { name: "after 2 million", runs: runs.map(({ early }) => early) },
      limit: 1.1
    })
  ]
}

/** How long a ban is waited for: with more behind it, it is of no use. */
const longestWait = 60

const jails = ["pfasciilogd-scan", "pfasciilogd"] as const

const measureBans = async (workshop: Workshop): Promise<ReadonlyArray<Figure>> => {
  const figures: Array<Figure> = []
  for (const rate of workshop.quick ? [10, 10_000] : [10, 10_000, 60_000, 200_000]) {
    const scans: Array<number> = []
    const packets: Array<number> = []
    let reached = Number.POSITIVE_INFINITY
    for (let run = 1; run <= workshop.runs; run++) {
      workshop.say(`time to ban at ${rate} lines a second, run ${run} of ${workshop.runs}`)
      const delays = await bansAt(workshop, rate)
      scans.push(...delays["pfasciilogd-scan"])
      packets.push(...delays["pfasciilogd"])
      reached = Math.min(reached, delays.reached)
    }
    const group = `Scans: from the twelfth packet to fail2ban's ban, p95 (${longestWait} s: not before)`
    const at = `at ${rate} lines a second${reached < 0.95 * rate ? ` (${reached} reached)` : ""}`
    figures.push(
      figure({ group, name: at, unit: "s", ours: [quantile(scans, 0.95)], limit: 1.5 }),
      figure({ group, name: `${at}, by the jail of packets`, unit: "s", ours: [quantile(packets, 0.95)] })
    )
  }
  return figures
}

/** Seconds from each scan's twelfth packet to its ban, by either jail; and how many lines a second were written. */
const bansAt = async (workshop: Workshop, rate: number) => {
  const seconds = 10
  const scanLog = inFolder(workshop, "pf-scan.log")
  const bans = inFolder(workshop, "bans")
  for (const path of [scanLog, bans]) rmSync(path, { force: true })
  const pacer = shellScript(
    workshop,
    "scanning-tcpdump",
    `exec '${process.execPath}' '${yardstickPath("scanning-tcpdump.mjs")}' ${rate} ${seconds} '${inFolder(workshop, "scans")}'`
  )
  const subject = await startSubject(workshop, { tcpdump: pacer, flags: ["--scan-file", scanLog] })
  const server = await startServer(workshop, subject, scanLog, bans)
  const scans = () => linesOf(inFolder(workshop, "scans"))
  writeFileSync(inFolder(workshop, "scans.go"), "")
  await until("the flood's end", () => scans().length === seconds, seconds + 60)
  for (const deadline = Date.now() + longestWait * 1000; Date.now() < deadline; await sleep(200))
    if (linesOf(bans).length >= 2 * scans().length) break
  server.kill("SIGKILL")
  await subject.stop()
  const banned = linesOf(bans)
  const reached = Number(scans().at(-1)?.[2])
  const delays = { "pfasciilogd-scan": [] as Array<number>, pfasciilogd: [] as Array<number>, reached }
  for (const [address = "", at = ""] of scans())
    for (const jail of jails) {
      const ban = banned.find(([name, host]) => name === jail && host === address)
      delays[jail].push(ban === undefined ? longestWait : Number(ban[2]) - Number(at))
    }
  return delays
}

const linesOf = (path: string): ReadonlyArray<ReadonlyArray<string>> =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" "))
    : []

/** The real fail2ban-server with both jails, whose action notes each ban and its moment. */
const startServer = async (workshop: Workshop, subject: Subject, scanLog: string, bans: string) => {
  const folder = inFolder(workshop, "fail2ban")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const config = `${folder}/etc`
  cpSync("/etc/fail2ban", config, { recursive: true })
  rmSync(`${config}/jail.d`, { recursive: true })
  cpSync("fail2ban", config, { recursive: true })
  const common = "enabled = true\nbackend = polling\nbanaction = note\naction = note\n"
  writeFileSync(
    `${config}/jail.d/bench.local`,
    `[pfasciilogd]\n${common}logpath = ${subject.log}\n[pfasciilogd-scan]\n${common}logpath = ${scanLog}\n`
  )
  writeFileSync(
    `${config}/action.d/note.conf`,
    `[Definition]\nactionban = echo <name> <ip> $(date +%%s.%%N) >> ${bans}\nactionunban =\n`
  )
  writeFileSync(
    `${config}/fail2ban.local`,
    `[Definition]\nloglevel = INFO\nlogtarget = ${folder}/log\nsyslogsocket = auto\ndbfile = :memory:\n`
  )
  const server = spawn(
    "fail2ban-server",
    ["-xf", "-c", config, "-s", `${folder}/sock`, "-p", `${folder}/pid`, "start"],
    { stdio: "ignore" }
  )
  const started = () => (existsSync(`${folder}/log`) ? readFileSync(`${folder}/log`, "utf8") : "")
  await until("fail2ban-server", () => jails.every((jail) => started().includes(`Jail '${jail}' started`)))
  return server
}
