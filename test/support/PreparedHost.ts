import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { onTestFinished } from "vitest"
import type { Configuration } from "../../src/config/Configuration.ts"
import { resolveConfiguration } from "../../src/config/Sources.ts"
import { parseFilter } from "../../src/fail2ban/filter/FilterFile.ts"
import { shippedFilterText } from "../../src/fail2ban/filter/ShippedFiles.ts"
import type { NeverBanHost } from "../../src/host/neverban/Sources.ts"
import type { HostFiles } from "../../src/host/System.ts"
import { runChecks } from "../../src/validate/Checks.ts"
import type { Finding } from "../../src/validate/Finding.ts"
import { address } from "./NeverBanHost.ts"

const pfRules = `scrub in all fragment reassemble
anchor "f2b/*" all
block drop in log on vtnet0 all
block return-rst(ttl 64) out log (to pflog1) quick on vtnet0 inet proto tcp all label "log"
pass out on vtnet0 all flags S/SA keep state
`

const pfInfo = `Status: Enabled for 12 days 03:11:39          Debug: Urgent

State Table                          Total             Rate
  current entries                       14
`

const shippedFailregex = (): string =>
  Either.getOrThrow(parseFilter(shippedFilterText(), "pfasciilogd", new Map())).failregex.join()

/** What `fail2ban-client -d` of fail2ban 1.0.2 prints for a jail. */
export const fail2banDump = (jail: {
  readonly log: string
  readonly ignoreip?: ReadonlyArray<string>
  readonly failregex?: string
  readonly more?: string
}): string => `['set', 'syslogsocket', 'auto']
['set', 'dbpurgeage', '1d']
['add', 'pfasciilogd', 'polling']
['set', 'pfasciilogd', 'usedns', 'no']
['set', 'pfasciilogd', 'addfailregex', '${(jail.failregex ?? shippedFailregex()).replaceAll("\\", "\\\\")}']
['set', 'pfasciilogd', 'datepattern', '^%Y-%m-%dT%H:%M:%S(?:\\\\.%f)?(?:%z)?']
['set', 'pfasciilogd', 'maxretry', 12]
['set', 'pfasciilogd', 'addignoreip', ${(jail.ignoreip ?? usuallyIgnored).map((entry) => `'${entry}'`).join(", ")}]
${jail.more ?? ""}
['set', 'pfasciilogd', 'addlogpath', '${jail.log}', 'head']
['multi-set', 'pfasciilogd', 'action', 'pf', [['actionstart', "echo \\"table <f2b> persist\\" | pfctl -f-\\nport='<port>'"], ['actionstart_on_demand', False], ['actionban', 'pfctl -a f2b/pfasciilogd -t f2b-pfasciilogd -T add <ip>']]]
['start', 'pfasciilogd']
`

const usuallyIgnored = ["127.0.0.1/8", "::1", "192.0.2.0/24", "198.51.100.53"]
const usuallyBanned = ["203.0.113.9", "2001:db8:bad::1"]

/** Where the running server differs from the configuration. */
interface ServerState {
  readonly ignoreip?: ReadonlyArray<string>
  readonly banned?: ReadonlyArray<string>
}

/** A host on which all is well, made of files in a folder and of stand-in programs on PATH; a test spoils one thing. */
export class PreparedHost {
  readonly root: string
  readonly log: string
  readonly pidFile: string
  files: HostFiles
  neverBan: NeverBanHost

  constructor() {
    this.root = fs.mkdtempSync(path.join(os.tmpdir(), "pfasciilogd-host-"))
    this.log = path.join(this.root, "log/pf.log")
    this.pidFile = path.join(this.root, "run/pfasciilogd.pid")
    this.files = {
      newsyslogConf: path.join(this.root, "newsyslog.conf"),
      newsyslogIncludes: [path.join(this.root, "newsyslog.conf.d/[!.]*.conf")],
      newsyslogDialect: "freebsd"
    }
    this.neverBan = {
      platform: "freebsd",
      root: this.root,
      interfaces: { vtnet0: [address("192.0.2.10/24")], lo0: [address("127.0.0.1/8", true)] },
      environment: {}
    }
    for (const folder of ["log", "run", "bin", "etc", "newsyslog.conf.d"]) fs.mkdirSync(path.join(this.root, folder))
    fs.writeFileSync(this.log, "", { mode: 0o640 })
    fs.writeFileSync(
      path.join(this.root, "etc/resolv.conf"),
      "search example.net\nnameserver 198.51.100.53\nnameserver 127.0.0.1\n"
    )
    fs.writeFileSync(
      this.files.newsyslogConf,
      `# logfilename [owner:group] mode count size when flags [/pid_file] [sig_num]
<include> ${this.files.newsyslogIncludes[0]}
/var/log/messages 644 5 1000 @0101T JC
`
    )
    this.rotate(`${this.log} root:wheel 640 7 1000 * BCJ ${this.pidFile} SIGHUP`)
    this.program(
      "tcpdump",
      `case "$*" in
--version) echo "tcpdump version 4.99.4"; echo "libpcap version 1.10.4" ;;
"-d "*"-i pflog0"*) echo "(000) ret      #262144" ;;
*) exit 1 ;;
esac`
    )
    this.pfRules(pfRules)
    this.fail2ban({ log: this.log })
    this.answer("route", { "-n get default": "   route to: default\n    gateway: 192.0.2.1\n  interface: vtnet0" })
    for (const name of ["ip", "ss", "netstat", "timedatectl", "nmcli"]) this.program(name, "exit 1")

    const path_ = process.env["PATH"] ?? ""
    process.env["PATH"] = `${path.join(this.root, "bin")}:${path_}`
    onTestFinished(() => {
      process.env["PATH"] = path_
      fs.rmSync(this.root, { recursive: true, force: true })
    })
  }

  /** Puts a stand-in program on PATH: the body of a shell script. */
  program(name: string, body: string): void {
    fs.writeFileSync(path.join(this.root, "bin", name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  }

  /** A stand-in that answers known arguments with a text, and fails on others. */
  answer(name: string, answers: Readonly<Record<string, string>>): void {
    const cases = Object.entries(answers).map(
      ([words, text]) => `"${words}") cat <<'END_OF_ANSWER'\n${text}\nEND_OF_ANSWER\n;;`
    )
    this.program(name, `case "$*" in\n${cases.join("\n")}\n*) exit 1 ;;\nesac`)
  }

  /** A stand-in that fails with a message. */
  complain(name: string, message: string): void {
    this.program(name, `echo "${message}" >&2; exit 1`)
  }

  /** Replaces newsyslog's line for the log. */
  rotate(line: string): void {
    fs.writeFileSync(path.join(this.root, "newsyslog.conf.d/pfasciilogd.conf"), `# ours\n${line}\n`)
  }

  /** What pfctl tells: the rules, and the table of the jail. */
  pfRules(rules: string, banned: ReadonlyArray<string> = usuallyBanned): void {
    this.answer("pfctl", {
      "-s info": pfInfo,
      "-sr": rules,
      "-a f2b/pfasciilogd -t f2b-pfasciilogd -T show": banned.map((host) => `   ${host}`).join("\n")
    })
  }

  /** What fail2ban's configuration and its running server tell about a jail. */
  fail2ban(jail: Parameters<typeof fail2banDump>[0], server: ServerState = {}): void {
    const ignored = server.ignoreip ?? jail.ignoreip ?? usuallyIgnored
    const rows = ignored.map((entry, index) => `${index + 1 < ignored.length ? "|" : "`"}- ${entry}`)
    this.answer("fail2ban-client", {
      "-d": fail2banDump(jail),
      "get pfasciilogd ignoreip": ["These IP addresses/networks are ignored:", ...rows].join("\n"),
      "get pfasciilogd banip": (server.banned ?? usuallyBanned).join(" ")
    })
  }

  /** What the checks find, under these flags. */
  findings(flags: Readonly<Record<string, unknown>> = {}): Promise<ReadonlyArray<Finding>> {
    return Effect.runPromise(
      Effect.flatMap(this.configuration(flags), (configuration) =>
        runChecks(configuration, this.files, "all", this.neverBan)
      )
    )
  }

  /** What the checks find that isn't good, as `verdict check: detail`. */
  async complaints(flags: Readonly<Record<string, unknown>> = {}): Promise<ReadonlyArray<string>> {
    const findings = await this.findings(flags)
    return findings
      .filter(({ verdict }) => verdict !== "good")
      .map(({ verdict, check, detail }) => `${verdict} ${check}: ${detail.replaceAll(this.root, "")}`)
  }

  private configuration(flags: Readonly<Record<string, unknown>>): Effect.Effect<Configuration, Error> {
    return resolveConfiguration({ "log-file": this.log, "pid-file": this.pidFile, ...flags }, undefined)
  }
}
