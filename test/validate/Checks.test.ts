import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { needsAttention } from "../../src/validate/Finding.ts"
import { PreparedHost } from "../support/PreparedHost.ts"

describe("the checks of validate", () => {
  it("find nothing on a host where all is well", async () => {
    const host = new PreparedHost()
    expect(await host.complaints()).toEqual([])
    expect((await host.findings()).map(({ check }) => check)).toEqual([
      ...[
        "tcpdump",
        "user",
        "expression",
        "command line",
        "log folder",
        "log file",
        "pid file",
        "interface",
        "room",
        "instance",
        "time zone"
      ],
      ...["newsyslog", "pf", "pf log", "pf anchor", "jail", "filter", "jail format", "ignoreip", "bans"]
    ])
  })

  it("give each finding that needs attention a remedy", async () => {
    const host = new PreparedHost()
    host.pfRules("pass all\n")
    host.complain("tcpdump", "tcpdump: pflog0: No such device exists")
    const open = (await host.findings()).filter(needsAttention)
    expect(open.length).toBeGreaterThan(3)
    for (const { remedy } of open) expect(remedy).toMatch(/\w/)
  })

  it("skip what this host doesn't have", async () => {
    const host = new PreparedHost()
    fs.rmSync(path.join(host.root, "bin/pfctl"))
    fs.rmSync(host.files.newsyslogConf)
    fs.rmSync(path.join(host.root, "newsyslog.conf.d"), { recursive: true })
    expect(await host.complaints()).toEqual([
      "skipped newsyslog: this host has no newsyslog.conf",
      "skipped pf: this host has no pfctl"
    ])
  })

  it("don't hang on a program that does, nor drown in its output", async () => {
    const host = new PreparedHost()
    host.program("tcpdump", "(sleep 60) & exec sleep 60")
    host.program("pfctl", "exec yes")
    const started = Date.now()
    expect(await host.complaints()).toEqual([
      "warning tcpdump: tcpdump does not report its version",
      "warning interface: tcpdump -i pflog0 -d does not end",
      "skipped pf: pfctl does not answer"
    ])
    expect(Date.now() - started).toBeLessThan(15_000)
  })
})

describe("the checks of tcpdump", () => {
  it("name a tcpdump that isn't there, by name and by path", async () => {
    const host = new PreparedHost()
    expect(await host.complaints({ tcpdump: "tcpdmp" })).toContain("failed tcpdump: tcpdmp is not on PATH")
    expect(await host.complaints({ tcpdump: "/nowhere/tcpdump" })).toContain(
      "failed tcpdump: /nowhere/tcpdump does not exist or may not be executed"
    )
  })

  it("tell how to enable a missing pflog0", async () => {
    const host = new PreparedHost()
    host.program(
      "tcpdump",
      '[ "$1" = --version ] && echo "tcpdump version 4.9.3" && exit; echo "tcpdump: pflog0: No such device exists" >&2; exit 1'
    )
    expect(await host.complaints()).toEqual(["failed interface: pflog0 does not exist"])
    const finding = (await host.findings()).find(({ check }) => check === "interface")
    expect(finding?.remedy).toContain("sysrc pflog_enable=YES && service pflog start")
  })

  it("tell an interface that may not be opened", async () => {
    const host = new PreparedHost()
    host.program(
      "tcpdump",
      '[ "$1" = --version ] && echo "tcpdump version 4.9.3" && exit; echo "tcpdump: pflog0: You don\'t have permission to capture on that device" >&2; exit 1'
    )
    expect(await host.complaints()).toEqual(["failed interface: this user is not permitted to open pflog0"])
  })

  it.runIf(process.getuid?.() === 0)("name a user that doesn't exist", async () => {
    const host = new PreparedHost()
    expect(await host.complaints({ user: "nobodyy" })).toEqual(["failed user: the user nobodyy does not exist"])
  })

  it("compile the expression with the real tcpdump, for pf's log", async () => {
    const host = new PreparedHost()
    fs.rmSync(path.join(host.root, "bin/tcpdump"))
    const about = async (expression: string) =>
      (await host.complaints({ expression })).filter((complaint) => complaint.includes("expression"))
    expect(await about("rulenum 3 and tcp port 22")).toEqual([])
    expect(await about("-x and tcp port")).toEqual([
      expect.stringMatching(/^failed expression: "-x and tcp port" does not compile: .*syntax error/)
    ])
  })

  it("name a saved capture that isn't there", async () => {
    const host = new PreparedHost()
    fs.writeFileSync(path.join(host.root, "pflog"), "")
    expect(await host.complaints({ read: [path.join(host.root, "pflog"), "/nowhere/pflog"] })).toEqual([
      ...(process.getuid?.() === 0 ? ["skipped user: saved captures are read without becoming another user"] : []),
      "failed saved capture: /nowhere/pflog: it doesn't exist",
      `skipped interface: saved captures are read: /pflog, /nowhere/pflog`
    ])
  })
})

describe("the checks of files", () => {
  it("find a log folder that is missing or a file", async () => {
    const host = new PreparedHost()
    host.answer("fail2ban-client", {})
    expect(await host.complaints({ "log-file": path.join(host.root, "logs/pf.log") })).toEqual(
      expect.arrayContaining(["failed log folder: the folder /logs does not exist"])
    )
    expect(await host.complaints({ "log-file": path.join(host.log, "pf.log") })).toEqual(
      expect.arrayContaining(["failed log folder: /log/pf.log is not a folder"])
    )
  })

  it("find a log that is a symbolic link, and one that others may read", async () => {
    const host = new PreparedHost()
    fs.chmodSync(host.log, 0o644)
    expect(await host.complaints()).toEqual([
      "warning log file: /log/pf.log has mode 0644, which allows more than log.mode, 0640"
    ])
    fs.rmSync(host.log)
    fs.symlinkSync("/dev/null", host.log)
    expect(await host.complaints()).toEqual(["failed log file: /log/pf.log is a symbolic link"])
  })

  it.runIf(process.getuid?.() === 0)("find a log of another user", async () => {
    const host = new PreparedHost()
    fs.chownSync(host.log, 65534, 65534)
    expect(await host.complaints()).toEqual([
      "warning log file: /log/pf.log belongs to user 65534, pfasciilogd runs as user 0"
    ])
  })

  it.runIf(process.getuid?.() === 0)(
    "find folders that others can change, refused where run refuses them",
    async () => {
      const host = new PreparedHost()
      const folder = path.dirname(host.log)
      fs.chmodSync(folder, 0o775)
      expect(await host.complaints()).toContain(
        "warning log folder: group 0 can write to /log, and so can remove or replace /log/pf.log"
      )
      fs.chmodSync(folder, 0o755)
      fs.chownSync(folder, 65534, 0)
      const inFolder = await host.complaints({ "pid-file": path.join(folder, "pf.pid") })
      expect(inFolder).toContain("warning log folder: user 65534 owns /log, and so can remove or replace /log/pf.log")
      expect(inFolder).toContain("failed pid file: user 65534 owns /log, and so can remove or replace /log/pf.pid")
      fs.mkdirSync(path.join(folder, "inner"))
      expect(await host.complaints({ "log-file": path.join(folder, "inner", "pf.log") })).toContain(
        "failed log folder: user 65534 owns /log, and so can remove or replace /log/inner/pf.log"
      )
    }
  )

  it("find a disk without room", async () => {
    const host = new PreparedHost()
    host.answer("fail2ban-client", {})
    // /proc has no room at all, and takes no files.
    expect(await host.complaints({ "log-file": "/proc/pf.log" })).toEqual(
      expect.arrayContaining(["failed room: 0 MiB are free in /proc"])
    )
  })

  it("find a pid file folder that is missing, and tell an instance that runs", async () => {
    const host = new PreparedHost()
    host.rotate(`${host.log} 640 7 1000 * BCJ ${host.root}/away/ours.pid`)
    expect(await host.complaints({ "pid-file": path.join(host.root, "away/ours.pid") })).toEqual([
      "failed pid file: the folder /away does not exist"
    ])
    fs.writeFileSync(host.pidFile, "1234567\n")
    expect((await host.findings()).find(({ check }) => check === "instance")?.detail).toBe("none is running")
  })
})

describe("the check of newsyslog", () => {
  it("misses a line for the log", async () => {
    const host = new PreparedHost()
    host.rotate("/var/log/other.log 640 7 1000 * BCJ")
    expect(await host.complaints()).toEqual([
      "warning newsyslog: nothing rotates /log/pf.log: it grows until the disk is full"
    ])
  })

  it.each([
    ["root:wheel 640 7 1000 * BCNJ PIDFILE", "the flag N sends no signal: lines would go into the rotated file"],
    ["root:wheel 640 7 1000 * BCJ", "without a pid file the signal goes to syslogd, not to us"],
    ["640 7 1000 * BCJ /var/run/tcpdump.pid", "the pid file is /var/run/tcpdump.pid, ours is PIDFILE"],
    ["640 7 1000 * BCJ PIDFILE SIGINT", "the signal SIGINT does not rotate the log: SIGHUP and SIGUSR1 do"],
    ["640 7 1000 * BCRJ /usr/local/bin/rotated", "the flag R runs a command in place of a signal to us"]
  ])("finds what loses lines: %s", async (line, problem) => {
    const host = new PreparedHost()
    host.rotate(`${host.log} ${line.replace("PIDFILE", host.pidFile)}`)
    expect(await host.complaints()).toEqual([
      `failed newsyslog: /newsyslog.conf.d/pfasciilogd.conf:2: ${problem.replace("PIDFILE", "/run/pfasciilogd.pid")}`
    ])
  })

  it("finds what works, but not well", async () => {
    const host = new PreparedHost()
    host.rotate(`${host.log} 644 7 1000 * J ${host.pidFile} ${os.constants.signals.SIGUSR1}`)
    expect(await host.complaints()).toEqual([
      "warning newsyslog: /newsyslog.conf.d/pfasciilogd.conf:2: without the flag B newsyslog writes a line of its own into each new log",
      "warning newsyslog: /newsyslog.conf.d/pfasciilogd.conf:2: the mode 644 allows more than log.mode, 640"
    ])
  })

  it("takes the line that we ship, and a pattern with the flag G", async () => {
    const host = new PreparedHost()
    const shipped = fs.readFileSync("rc.d/newsyslog.conf.d/pfasciilogd.conf", "utf8")
    host.rotate(shipped.replaceAll("/var/log/pf.log", host.log).replaceAll("/var/run/pfasciilogd.pid", host.pidFile))
    expect(await host.complaints()).toEqual([])
    host.rotate(`${host.root}/log/p[!g]*.log 640 7 1000 * GB ${host.pidFile}`)
    expect(await host.complaints()).toEqual([])
  })

  it("finds two lines for one log", async () => {
    const host = new PreparedHost()
    host.rotate(`${host.log} 640 7 1000 * B ${host.pidFile}\n${host.log} 640 3 * @T00 B ${host.pidFile}`)
    expect(await host.complaints()).toEqual([
      "failed newsyslog: several lines rotate /log/pf.log: /newsyslog.conf.d/pfasciilogd.conf:2, /newsyslog.conf.d/pfasciilogd.conf:3"
    ])
  })
})

describe("the check of pf", () => {
  it("finds a pf that is disabled", async () => {
    const host = new PreparedHost()
    host.answer("pfctl", {
      "-s info": "Status: Disabled for 0 days 00:00:12           Debug: Urgent",
      "-sr": 'anchor "f2b/*" all\nblock drop log all',
      "-a f2b/pfasciilogd -t f2b-pfasciilogd -T show": "   203.0.113.9\n   2001:db8:bad::1"
    })
    expect(await host.complaints()).toEqual(["failed pf: it is disabled: nothing is blocked or logged"])
  })

  it("is skipped without the right to ask", async () => {
    const host = new PreparedHost()
    host.complain("pfctl", "pfctl: /dev/pf: Permission denied")
    expect(await host.complaints()).toEqual(["skipped pf: pfctl fails: /dev/pf: Permission denied; run this as root"])
  })

  it.each([
    [
      'anchor "f2b/*" all\nblock drop in on em0 all label "log"\n',
      "failed pf log: no rule logs: there is nothing to capture"
    ],
    [
      'anchor "f2b/*" all\npass in log all flags S/SA keep state\n',
      "warning pf log: rules that pass log to pflog0, but no rule that blocks does"
    ],
    ['anchor "f2b/*" all\nblock drop log (all, to pflog3) all\n', "failed pf log: rules log to pflog3 only"],
    [
      "block drop in log quick on em0 all\n",
      'failed pf anchor: anchor "f2b/*" is missing: fail2ban\'s bans block nothing'
    ],
    [
      'block return in log (all) quick on em0 all\nanchor "f2b/*" all\n',
      'failed pf anchor: anchor "f2b/*" stands after a rule that blocks and logs (block return in log (all) quick on em0 all): banned hosts go on filling the log'
    ]
  ])("finds what is wrong with the rules %j", async (rules, complaint) => {
    const host = new PreparedHost()
    host.pfRules(rules)
    expect(await host.complaints()).toEqual([complaint])
  })

  it("takes every form of a rule that blocks and logs", async () => {
    const host = new PreparedHost()
    for (const rule of [
      "block drop in log quick on em0 inet from any to any",
      "block return log (all) all",
      "block return-icmp(port-unr, port-unr) in log on ! lo0 all",
      "@3 block drop log (all, to pflog0) all"
    ]) {
      host.pfRules(`anchor "f2b/*" all\n${rule}\n`)
      expect(await host.complaints()).toEqual([])
    }
  })
})
