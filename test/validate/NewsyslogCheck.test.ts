import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { PreparedHost } from "../support/PreparedHost.ts"

/** A host with nothing but a newsyslog.conf of these lines, in the words of the system. */
const withMain = (lines: (host: PreparedHost) => string, dialect: "freebsd" | "openbsd" = "freebsd"): PreparedHost => {
  const host = new PreparedHost()
  host.files = { ...host.files, newsyslogDialect: dialect }
  fs.rmSync(path.join(host.root, "newsyslog.conf.d/pfasciilogd.conf"))
  fs.writeFileSync(host.files.newsyslogConf, lines(host))
  return host
}

describe("newsyslog.conf as FreeBSD's newsyslog reads it", () => {
  it("takes flags and signals in any case, with and without SIG", async () => {
    for (const rest of [
      "bcj PIDFILE sighup",
      "Bcj PIDFILE hup",
      "BZ PIDFILE SigUsr1",
      "b PIDFILE usr1",
      "bx PIDFILE 1"
    ]) {
      const host = withMain(
        ({ log, pidFile }) => `${log} root:wheel 640 7 1000 * ${rest.replace("PIDFILE", pidFile)}\n`
      )
      expect(await host.complaints()).toEqual([])
    }
  })

  it("finds the flags n, r and u, in lower case, too", async () => {
    const about = async (flags: string) =>
      (await withMain(({ log, pidFile }) => `${log} 640 7 1000 * ${flags} ${pidFile}\n`).complaints()).join()
    expect(await about("bn")).toContain("the flag N sends no signal")
    expect(await about("br")).toContain("the flag R runs a command")
    expect(await about("bu")).toContain("the flag U signals a process group")
  })

  it("takes a signal's number for this host's: what is USR1 elsewhere is another signal here", async () => {
    const about = async (number: number) =>
      withMain(({ log, pidFile }) => `${log} 640 7 1000 * B ${pidFile} ${number}\n`).complaints()
    const { SIGUSR1, SIGBUS } = os.constants.signals
    expect(await about(SIGUSR1)).toEqual([])
    expect(await about(SIGBUS)).toEqual([
      `failed newsyslog: /newsyslog.conf:1: the signal ${SIGBUS} (SIGBUS here) does not rotate the log: SIGHUP and SIGUSR1 do`
    ])
  })

  it("ends on a file that includes itself, directly, in a circle and by a pattern, and tells it", async () => {
    const host = withMain(
      ({ root, log, pidFile }) =>
        `<include> ${root}/newsyslog.conf\n<INCLUDE> ${root}/newsyslog.conf.d/*\n${log} 640 7 1000 * B ${pidFile}\n`
    )
    fs.writeFileSync(path.join(host.root, "newsyslog.conf.d/circle"), `<include> ${host.root}/newsyslog.c*f\n`)
    expect(await host.complaints()).toEqual([
      "warning newsyslog: /newsyslog.conf:1 includes /newsyslog.conf, which newsyslog has read already and skips",
      "warning newsyslog: /newsyslog.conf.d/circle:1 includes /newsyslog.conf, which newsyslog has read already and skips"
    ])
  })

  it("reads every file of a folder for *, as FreeBSD 12 does, and so finds a sample that rotates twice", async () => {
    const host = withMain(({ root }) => `<include> ${root}/newsyslog.conf.d/*\n`)
    for (const name of ["pfasciilogd.conf", "pfasciilogd.conf.sample", ".hidden"]) {
      const line = `${host.log} 640 7 1000 * B ${host.pidFile}\n`
      fs.writeFileSync(path.join(host.root, "newsyslog.conf.d", name), line)
    }
    expect(await host.complaints()).toEqual([
      "failed newsyslog: several lines rotate /log/pf.log: /newsyslog.conf.d/pfasciilogd.conf:1, /newsyslog.conf.d/pfasciilogd.conf.sample:1"
    ])
  })

  it("lets a line that names the log win over patterns, and the first of patterns over the rest", async () => {
    const right = ({ log, pidFile }: PreparedHost) => `${log} 640 7 1000 * B ${pidFile}`
    const named = withMain((host) => `${host.root}/log/*.log 644 3 * @T00 GN\n${right(host)}\n`)
    expect(await named.complaints()).toEqual([])
    const patterns = withMain(
      ({ root, pidFile }) => `${root}/log/pf.* 640 7 1000 * gb ${pidFile}\n${root}/log/* 644 3 * @T00 GN\n`
    )
    expect(await patterns.complaints()).toEqual([])
  })

  it("takes no pattern without the flag G, no default, and no comment for the log", async () => {
    const host = withMain(
      ({ root, log, pidFile }) =>
        `#${log} 640 7 1000 * B ${pidFile}\n<default> 640 7 1000 * B\n${root}/log/* 640 7 1000 * B ${pidFile}\n${log}#x 640 7 1000 * B\n`
    )
    expect(await host.complaints()).toEqual([expect.stringContaining("warning newsyslog: nothing rotates")])
  })
})

describe("newsyslog.conf as OpenBSD's newsyslog reads it", () => {
  const remedyOf = async (host: PreparedHost) =>
    (await host.findings()).find(({ check }) => check === "newsyslog")?.remedy?.replaceAll(host.root, "")

  it("gives a remedy in its own flags and for its only file", async () => {
    const host = withMain(() => "/var/log/daemon 640 5 300 * Z\n", "openbsd")
    expect(await remedyOf(host)).toBe(
      "Put this line into /newsyslog.conf: /log/pf.log root:wheel 640 7 1000 * ZB /run/pfasciilogd.pid SIGHUP"
    )
  })

  it("takes pid file and signal in any order, and no flags but its own", async () => {
    for (const rest of ["ZB PIDFILE SIGHUP", "zb SIGUSR1 PIDFILE", "B PIDFILE"]) {
      const line = ({ log, pidFile }: PreparedHost) => `${log} 640 7 1000 * ${rest.replace("PIDFILE", pidFile)}\n`
      expect(await withMain(line, "openbsd").complaints()).toEqual([])
    }
    const freebsd = withMain(({ log, pidFile }) => `${log} root:wheel 640 7 1000 * BCJ ${pidFile} SIGHUP\n`, "openbsd")
    expect(await freebsd.complaints()).toEqual([expect.stringContaining("warning newsyslog: nothing rotates")])
  })

  it("tells a command in place of the signal, unless it reloads the service", async () => {
    const line = (command: string) => withMain(({ log }) => `${log} 640 7 1000 * ZB "${command}"\n`, "openbsd")
    expect(await line("rcctl reload pfasciilogd").complaints()).toEqual([])
    expect(await line("pkill -HUP syslogd").complaints()).toEqual([
      'failed newsyslog: /newsyslog.conf:1: the command "pkill -HUP syslogd" runs in place of a signal to us'
    ])
  })

  it("tells that without a pid file syslogd gets the signal", async () => {
    const host = withMain(({ log }) => `${log} 640 7 1000 * ZB\n`, "openbsd")
    expect(await host.complaints()).toEqual([
      "failed newsyslog: /newsyslog.conf:1: without a pid file the signal goes to syslogd, not to us"
    ])
    expect(await remedyOf(host)).toContain("* ZB /run/pfasciilogd.pid SIGHUP")
  })
})
