import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { onTestFinished } from "vitest"
import { until } from "./Waiting.ts"

const root = path.resolve(".cache/crowdsec")
const hub = path.join(root, "usr/share/crowdsec/hub")

/** Unpacks Debian's package, where that has not been done. */
export const setUpCrowdSec = (): void => {
  const result = spawnSync("scripts/setup-crowdsec", { encoding: "utf8" })
  if (result.status !== 0) throw new Error(`scripts/setup-crowdsec failed: ${result.stderr}`)
}

/** What the hub's collection firewallservices/pf is made of, and the parsers around it. */
const hubItems = [
  "parsers/s00-raw/crowdsecurity/syslog-logs.yaml",
  "parsers/s01-parse/firewallservices/pf-logs.yaml",
  "parsers/s02-enrich/crowdsecurity/dateparse-enrich.yaml",
  "scenarios/firewallservices/pf-scan-multi_ports.yaml"
]

/** A decision as the local API gives it to a bouncer. */
export interface Decision {
  readonly type: string
  readonly scope: string
  readonly value: string
  readonly scenario: string
}

/** A central local API on loopback, at which agents report and bouncers ask. */
export interface CentralApi {
  /** Registers an agent that follows a log file of syslog lines, and starts it. */
  readonly startAgent: (name: string, log: string) => Promise<void>
  /** Registers a bouncer; returns its key. */
  readonly bouncerKey: (name: string) => string
  /** The decisions that a bouncer pulls with its key. */
  readonly decisions: (key: string) => Promise<ReadonlyArray<Decision>>
}

/** Starts the local API, without the agent beside it and without CrowdSec's central service. */
export const startCentralApi = async (folder: string): Promise<CentralApi> => {
  const url = `http://127.0.0.1:${await freePort()}/`
  const config = writeConfig(folder, "central", serverSection(folder, "central", url))
  startCrowdSec(folder, "central", ["-c", config, "-no-cs"])
  await until("the local API answers", () => said(folder, "central").includes("Local API listening"))
  const register = (...what: ReadonlyArray<string>): string => {
    const result = spawnSync(path.join(root, "usr/bin/cscli"), ["-c", config, ...what], { encoding: "utf8" })
    if (result.status !== 0) throw new Error(`cscli ${what.join(" ")} failed: ${result.stderr}`)
    return result.stdout.trim()
  }
  return {
    startAgent: async (name, log) => {
      const agent = writeConfig(folder, name, "")
      register("machines", "add", name, "--password", name, "-f", credentials(folder, name), "-u", url)
      const acquisition = `filenames:\n  - ${log}\nlabels:\n  type: syslog\n`
      fs.writeFileSync(path.join(folder, name, "acquis.yaml"), acquisition)
      startCrowdSec(folder, name, ["-c", agent, "-no-api"])
      await until(`the agent ${name} follows its log`, () => said(folder, name).includes("Starting processing data"))
    },
    bouncerKey: (name) => register("bouncers", "add", name, "-o", "raw"),
    decisions: async (key) => {
      const response = await fetch(`${url}v1/decisions`, { headers: { "X-Api-Key": key } })
      if (!response.ok) throw new Error(`the local API answers with ${response.status}`)
      // The API answers with a list of decisions, or null for none.
      return ((await response.json()) as ReadonlyArray<Decision> | null) ?? []
    }
  }
}

const credentials = (folder: string, name: string): string => path.join(folder, name, "credentials.yaml")

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

/** Writes the configuration folder of one CrowdSec; returns the path of its main file. */
const writeConfig = (folder: string, name: string, server: string): string => {
  const at = (...parts: ReadonlyArray<string>): string => path.join(folder, name, ...parts)
  for (const sub of ["data", "notifications", "plugins"]) fs.mkdirSync(at(sub), { recursive: true })
  for (const item of hubItems) {
    const [kind = "", stage = ""] = item.split("/")
    const target = kind === "parsers" ? at(kind, stage) : at(kind)
    fs.mkdirSync(target, { recursive: true })
    fs.symlinkSync(path.join(hub, item), path.join(target, path.basename(item)))
  }
  for (const file of ["patterns", "simulation.yaml", "profiles.yaml"]) {
    fs.cpSync(path.join(root, "etc/crowdsec", file), at(file), { recursive: true })
  }
  fs.writeFileSync(at("console.yaml"), "share_manual_decisions: false\n")
  fs.writeFileSync(
    at("config.yaml"),
    `common: { daemonize: false, log_media: stdout, log_level: info, working_dir: ${at()} }
config_paths:
  config_dir: ${at()}
  data_dir: ${at("data")}
  simulation_path: ${at("simulation.yaml")}
  hub_dir: ${hub}
  index_path: ${path.join(hub, ".index.json")}
  notification_dir: ${at("notifications")}
  plugin_dir: ${at("plugins")}
crowdsec_service: { acquisition_path: ${at("acquis.yaml")}, parser_routines: 1 }
cscli: { output: json, hub_branch: master }
db_config: { type: sqlite, db_path: ${at("data", "crowdsec.db")}, use_wal: true }
prometheus: { enabled: false }
api:
  client: { credentials_path: ${credentials(folder, name)} }
${server}`
  )
  return at("config.yaml")
}

const serverSection = (folder: string, name: string, url: string): string =>
  `  server:
    listen_uri: ${new URL(url).host}
    profiles_path: ${path.join(folder, name, "profiles.yaml")}
    console_path: ${path.join(folder, name, "console.yaml")}
`

const outputFile = (folder: string, name: string): string => path.join(folder, `${name}.out`)

const said = (folder: string, name: string): string => fs.readFileSync(outputFile(folder, name), "utf8")

const startCrowdSec = (folder: string, name: string, options: ReadonlyArray<string>): ChildProcess => {
  const output = fs.openSync(outputFile(folder, name), "w")
  const child = spawn(path.join(root, "usr/bin/crowdsec"), options, { stdio: ["ignore", output, output] })
  fs.closeSync(output)
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  return child
}
