import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { onTestFinished } from "vitest"
import { textOf, until } from "./faults/Daemon.ts"

/** A real fail2ban-server with everything of its own in one folder, and a stand-in for pfctl. */
export interface Fail2banServer {
  /** What the server itself logged. */
  readonly log: () => string
  /** The addresses that its jail has banned, as the recording action was told. */
  readonly banned: () => ReadonlyArray<string>
  /** How often pfctl was called and with what: its arguments, and what it was given on standard input. */
  readonly pfctlCalls: () => ReadonlyArray<string>
  /** How many lines the jail's filter has matched so far. */
  readonly found: () => number
}

const pfctl = (folder: string): string => `#!/bin/sh
# Remembers its calls; answers "-sr" with the rules that it was given.
case "$*" in
  *-f-) text=$(cat); printf '%s < %s\\n' "$*" "$text" >> ${folder}/pfctl.calls; printf '%s\\n' "$text" >> ${folder}/pfctl.rules ;;
  *-sr) cat ${folder}/pfctl.rules ;;
  *) printf '%s\\n' "$*" >> ${folder}/pfctl.calls ;;
esac
`

/**
 * Starts fail2ban with the shipped filter and jail, all actions of the system beside them, and an action that records bans.
 *
 * @param jail what an administrator would put into pfasciilogd.local
 * @param environment what the server's environment has besides ours
 * @param prepare what else is done to the folder of the configuration before the start
 */
export const startFail2ban = async (
  folder: string,
  jail: string,
  environment: Readonly<Record<string, string>> = {},
  prepare: (config: string) => Promise<void> = async () => undefined
): Promise<Fail2banServer> => {
  const config = path.join(folder, "fail2ban")
  const file = (name: string) => path.join(folder, name)
  fs.cpSync("/etc/fail2ban", config, { recursive: true })
  fs.rmSync(path.join(config, "jail.d"), { recursive: true })
  fs.cpSync("fail2ban", config, { recursive: true })
  fs.writeFileSync(path.join(config, "jail.d/pfasciilogd.local"), jail)
  fs.writeFileSync(
    path.join(config, "action.d/record.conf"),
    `[Definition]\nactionban = echo <ip> >> ${file("bans")}\nactionunban =\n`
  )
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
    env: { ...process.env, ...environment, PATH: `${file("bin")}:${process.env["PATH"]}` }
  })
  onTestFinished(() => {
    server.kill("SIGKILL")
  })
  const log = () => textOf(file("fail2ban.log"))
  await until("the jail is started", () => /Jail 'pfasciilogd' started/.test(log()))
  return {
    log,
    banned: () => textOf(file("bans")).split("\n").filter(Boolean),
    pfctlCalls: () => textOf(file("pfctl.calls")).split("\n").filter(Boolean),
    found: () => (log().match(/\] Found /g) ?? []).length
  }
}
