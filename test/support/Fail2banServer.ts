import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { onTestFinished } from "vitest"
import { textOf } from "./Daemon.ts"
import { until } from "./Waiting.ts"

/** A real fail2ban-server with everything of its own in one folder, and a stand-in for pfctl. */
export interface Fail2banServer {
  /** What the server itself logged. */
  readonly log: () => string
  /** The addresses that its jail has banned, as the recording action was told. */
  readonly banned: () => ReadonlyArray<string>
  /** How often pfctl was called and with what: its arguments, and what it was given on standard input. */
  readonly pfctlCalls: () => ReadonlyArray<string>
  /** The rules that pf has in the jail's anchor, as `pfctl -sr` prints them. */
  readonly pfRules: () => string
  /** How many lines the jail's filter has matched so far. */
  readonly found: () => number
}

/**
 * As the real one, each load replaces the anchor's rules, and `-sr` prints rules, not tables, one for each protocol and with
 * the words that were left out.
 */
const pfctl = (folder: string): string => `#!/bin/sh
case "$*" in
  *-f-)
    text=$(cat)
    printf '%s < %s\\n' "$*" "$text" >> ${folder}/pfctl.calls
    printf '%s\\n' "$text" | sed -n '/^block/p' | while read -r line; do
      protocols=$(printf '%s' "$line" | sed 's/.*{ \\(.*\\) }.*/\\1/')
      for protocol in $protocols; do
        printf '%s\\n' "$line" | sed -e "s/^block/block drop/" -e "s/{ .* }/$protocol/"
      done
    done > ${folder}/pfctl.rules ;;
  *-sr) cat ${folder}/pfctl.rules ;;
  *) printf '%s\\n' "$*" >> ${folder}/pfctl.calls ;;
esac
`

/**
 * Makes fail2ban's configuration: the shipped filter, jail and action, all of the system's beside them, and an action that
 * records bans.
 *
 * @param jail what an administrator would put into jail.d/pfasciilogd.local
 * @param global what would stand in jail.local
 * @returns the folder of the configuration
 */
export const configureFail2ban = (folder: string, jail: string, global = ""): string => {
  const config = path.join(folder, "fail2ban")
  fs.cpSync("/etc/fail2ban", config, { recursive: true })
  fs.rmSync(path.join(config, "jail.d"), { recursive: true })
  fs.cpSync("fail2ban", config, { recursive: true })
  fs.writeFileSync(path.join(config, "jail.local"), global)
  fs.writeFileSync(path.join(config, "jail.d/pfasciilogd.local"), jail)
  fs.writeFileSync(
    path.join(config, "action.d/record.conf"),
    `[Definition]\nactionban = echo <ip> >> ${path.join(folder, "bans")}\nactionunban =\n`
  )
  return config
}

/**
 * Starts fail2ban with the configuration that {@link configureFail2ban} makes.
 *
 * @param environment what the server's environment has besides ours
 * @param prepare what else is done to the folder of the configuration before the start
 */
export const startFail2ban = async (
  folder: string,
  jail: string,
  environment: Readonly<Record<string, string>> = {},
  prepare: (config: string) => Promise<void> = async () => undefined
): Promise<Fail2banServer> => {
  const config = configureFail2ban(folder, jail)
  const file = (name: string) => path.join(folder, name)
  fs.writeFileSync(
    path.join(config, "fail2ban.local"),
    `[Definition]\nloglevel = INFO\nlogtarget = ${file("fail2ban.log")}\nsyslogsocket = auto\ndbfile = ${file("fail2ban.sqlite3")}\n`
  )
  await prepare(config)
  fs.mkdirSync(file("bin"))
  fs.writeFileSync(file("bin/pfctl"), pfctl(folder), { mode: 0o755 })
  const options = ["-c", config, "-s", file("fail2ban.sock"), "-p", file("fail2ban.pid")]
  const server = spawn("fail2ban-server", ["-xf", ...options, "start"], {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, ...environment, PATH: `${file("bin")}:${process.env["PATH"]}` }
  })
  onTestFinished(() => {
    // Its group: a child that it has just forked for an action would hang for ever without it.
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, "SIGKILL")
  })
  const log = () => textOf(file("fail2ban.log"))
  await until("the jail is started", () => /Jail 'pfasciilogd(?:-scan)?' started/.test(log()))
  return {
    log,
    banned: () => textOf(file("bans")).split("\n").filter(Boolean),
    pfctlCalls: () => textOf(file("pfctl.calls")).split("\n").filter(Boolean),
    pfRules: () => textOf(file("pfctl.rules")),
    found: () => (log().match(/\] Found /g) ?? []).length
  }
}
