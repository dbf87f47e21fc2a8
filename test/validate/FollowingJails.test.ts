import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { jailsFollowing, mayName } from "../../src/validate/FollowingJails.ts"
import { PreparedHost } from "../support/PreparedHost.ts"

const following = (log: string) => Effect.runPromise(jailsFollowing(log))

describe("the jails that follow a log", () => {
  it("are those that fail2ban-client names, under whatever name they know the log", async () => {
    const host = new PreparedHost()
    expect(await following(host.log)).toEqual(["pfasciilogd"])
    expect(await following(path.join(host.root, "log/other.log"))).toEqual([])
    fs.symlinkSync(path.join(host.root, "log"), path.join(host.root, "logs"))
    expect(await following(path.join(host.root, "logs/pf.log"))).toEqual(["pfasciilogd"])
  })

  it("are none where fail2ban is missing, refuses or doesn't answer in time", async () => {
    const host = new PreparedHost()
    host.program("fail2ban-client", "echo 'ERROR Failed during configuration: x' >&2; exit 255")
    expect(await following(host.log)).toEqual([])
    host.program("fail2ban-client", "exec sleep 60")
    const started = Date.now()
    expect(await following(host.log)).toEqual([])
    expect(Date.now() - started).toBeLessThan(10_000)
  })
})

describe("a file of fail2ban's", () => {
  it.each([
    ["logpath = /var/log/pf.log", true],
    ["logpath=/var/log/pf.log", true],
    ["logpath = /var/log/auth.log\n          /var/log/pf.log tail", true],
    ["logpath = /var/log/*.log", true],
    ["logpath = /var/*/pf.lo?", true],
    ["logpath = %(logs)s/pf.log", true],
    ["logpath = /srv/link/pf.log", true],
    ["logpath = /var/log/auth.log", false],
    ["logpath = %(sshd_log)s", false],
    ["# nothing", false]
  ])("%j may name /var/log/pf.log: %s", (text, expected) => {
    expect(mayName(text, "/var/log/pf.log")).toBe(expected)
  })
})
