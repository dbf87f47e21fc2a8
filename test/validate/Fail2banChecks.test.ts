import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { address } from "../support/NeverBanHost.ts"
import { type fail2banDump, PreparedHost } from "../support/PreparedHost.ts"

/** A host that is known under addresses of both families. */
const withOwnAddresses = (): PreparedHost => {
  const host = new PreparedHost()
  const interfaces = { ...host.neverBan.interfaces, vtnet0: [address("192.0.2.10/24"), address("2001:db8:5::10/64")] }
  host.neverBan = { ...host.neverBan, interfaces }
  return host
}

describe("the check of fail2ban", () => {
  const withJail = (jail: Parameters<typeof fail2banDump>[0]): PreparedHost => {
    const host = new PreparedHost()
    host.fail2ban(jail)
    return host
  }

  it("misses a jail that reads the log", async () => {
    const host = withJail({ log: "/var/log/other.log" })
    expect(await host.complaints()).toEqual([
      "warning jail: no enabled jail of fail2ban reads /log/pf.log: nobody gets banned"
    ])
  })

  it("finds a gateway and a resolver that may be banned, and tells how to spare them", async () => {
    const host = new PreparedHost()
    host.fail2ban({ log: host.log, ignoreip: ["127.0.0.1/8", "::1"] })
    expect(await host.complaints()).toEqual([
      "failed ignoreip: pfasciilogd may ban 192.0.2.10 (own address (vtnet0)), 192.0.2.1 (default router (route)), 198.51.100.53 (resolver (/etc/resolv.conf)), as the running server says: that would cut this host off"
    ])
    const finding = (await host.findings()).find(({ check }) => check === "ignoreip")
    expect(finding?.remedy).toBe("pfasciilogd ignoreip --write && fail2ban-client reload")
  })

  it("takes Linux's way to tell the gateway", async () => {
    const host = new PreparedHost()
    host.program("route", "exit 1")
    host.answer("ip", { "route show default": "default via 203.0.113.1 dev eth0 proto dhcp metric 100" })
    expect(await host.complaints()).toEqual([
      "failed ignoreip: pfasciilogd may ban 203.0.113.1 (default router (ip)), as the running server says: that would cut this host off"
    ])
  })

  it("never trusts ignoreself, which is on by default: this host's own addresses count, but for its loopback", async () => {
    const host = withOwnAddresses()
    host.fail2ban({ log: host.log, ignoreip: ["192.0.2.1", "198.51.100.53"] })
    expect(await host.complaints()).toEqual([
      "failed ignoreip: pfasciilogd may ban 192.0.2.10 (own address (vtnet0)), 2001:db8:5::10 (own address (vtnet0)), 2001:db8:5::/64 (own prefix (vtnet0)), as the running server says: that would cut this host off"
    ])
    host.fail2ban({ log: host.log, ignoreip: ["192.0.2.0/24", "2001:db8:5::/48", "198.51.100.53"] })
    expect(await host.complaints()).toEqual([])
  })

  it("asks the running server: what the files say since counts only after a reload", async () => {
    const host = new PreparedHost()
    host.fail2ban({ log: host.log }, { ignoreip: ["192.0.2.0/24"] })
    const finding = (await host.findings()).find(({ check }) => check === "ignoreip")
    expect(finding).toMatchObject({
      verdict: "failed",
      detail: expect.stringContaining(
        "may ban 198.51.100.53 (resolver (/etc/resolv.conf)), as the running server says"
      ),
      remedy: "fail2ban-client reload"
    })
  })

  it("counts what guard.never adds", async () => {
    const host = new PreparedHost()
    const [finding] = (await host.findings({ "guard-never": "203.0.113.0/24" })).filter(
      ({ check }) => check === "ignoreip"
    )
    expect(finding?.detail).toContain("may ban 203.0.113.0/24 (configured (guard.never))")
  })

  it.each([
    ["192.168.0/24", "not a full address with a valid prefix length"],
    ["192.168.1", "an IPv4 address has four parts"],
    ["3232235521", "an IPv4 address has four parts"],
    ["010.0.0.1/33", "not a full address with a valid prefix length"],
    ["192.0.2.0/24/8", "not a full address with a valid prefix length"],
    ["fe80::1%em0", "an address may not have a zone here"],
    ["2001:db8:::1", "not an address, network or name"],
    ["192.0.2.0/255.0.255.0", "not a full address with a valid prefix length"]
  ])("finds an entry that fail2ban can't read: %s", async (entry, why) => {
    const host = new PreparedHost()
    const ignoreip = ["192.0.2.0/24", "198.51.100.53", entry]
    host.fail2ban({ log: host.log, ignoreip })
    expect(await host.complaints()).toEqual([
      `failed ignoreip: the ignoreip of pfasciilogd has entries that fail2ban cannot read, and that ignore nobody: ${entry} (${why})`
    ])
  })

  it("takes networks with a length and with a mask, brackets, and names, which cover no address", async () => {
    const host = new PreparedHost()
    host.fail2ban({ log: host.log, ignoreip: ["192.0.2.0/255.255.255.0", "[198.51.100.53]", "host.example.net"] })
    expect(await host.complaints()).toEqual([])
    host.fail2ban({ log: host.log, ignoreip: ["192.0.2.0/24", "dns.example.net"] })
    expect(await host.complaints()).toEqual([expect.stringContaining("may ban 198.51.100.53 (resolver")])
  })

  it("doesn't take 192.168.0/24 for a network around 192.168.0.1", async () => {
    const host = new PreparedHost()
    host.answer("route", { "-n get default": "    gateway: 192.168.0.1" })
    host.fail2ban({ log: host.log, ignoreip: ["192.0.2.10", "198.51.100.53", "192.168.0/24"] })
    expect((await host.complaints())[1]).toContain("may ban 192.168.0.1 (default router (route))")
  })

  it("knows the shipped filter, and finds one that can be fooled", async () => {
    const host = new PreparedHost()
    const about = async () => (await host.findings()).find(({ check }) => check === "filter")
    expect(await about()).toMatchObject({
      verdict: "good",
      detail: "pfasciilogd has the shipped filter, in mode normal"
    })
    const failregex = "rule \\d/\\d\\(match\\): block in on \\w+: <HOST>\\.\\d+"
    host.fail2ban({ log: host.log, failregex })
    expect(await about()).toMatchObject({
      verdict: "failed",
      detail: expect.stringContaining("the filter of pfasciilogd can be fooled")
    })
    const narrow =
      "^\\s?rule \\d+/0\\(match\\): block in on [a-z0-9]+: (?!::ffff:)<ADDR>\\.\\d+ > [0-9a-f:.]+: Flags \\[S\\],"
    host.fail2ban({ log: host.log, failregex: narrow })
    expect(await about()).toMatchObject({ verdict: "good", detail: expect.stringContaining("passes the audit") })
  })

  it("reads the jail and the filter that we ship through the real fail2ban-client", async () => {
    const host = new PreparedHost()
    const folder = path.join(host.root, "fail2ban")
    const system = ["/etc/fail2ban", "/usr/local/etc/fail2ban"].find((candidate) => fs.existsSync(candidate)) ?? ""
    fs.cpSync(system, folder, { recursive: true })
    for (const name of fs.readdirSync(path.join(folder, "jail.d"))) fs.rmSync(path.join(folder, "jail.d", name))
    for (const part of ["filter.d", "jail.d"]) {
      fs.copyFileSync(`fail2ban/${part}/pfasciilogd.conf`, path.join(folder, part, "pfasciilogd.conf"))
    }
    const local = (lines: string) => {
      const head = `[pfasciilogd]\nenabled = true\nbackend = polling\nlogpath = ${host.log}\n`
      fs.writeFileSync(path.join(folder, "jail.d/pfasciilogd.local"), head + lines)
    }
    const real = execFileSync("sh", ["-c", "PATH=/usr/local/bin:/usr/bin:/bin command -v fail2ban-client"], {
      encoding: "utf8"
    }).trim()
    host.program("fail2ban-client", `exec ${real} -c ${folder} -s ${host.root}/no.sock "$@"`)

    local("ignoreip = 127.0.0.1/8 ::1 192.0.2.0/24 198.51.100.53\n")
    const stopped = "warning fail2ban server: fail2ban's server is not running: nobody gets banned"
    expect(await host.complaints()).toEqual([stopped])
    local("ignoreip = 127.0.0.1/8 192.0.2.0/255.255.255.0\nmode = aggressive\n")
    expect(await host.complaints()).toEqual([
      stopped,
      "failed ignoreip: pfasciilogd may ban 198.51.100.53 (resolver (/etc/resolv.conf)), as configured: that would cut this host off"
    ])
    expect((await host.findings()).find(({ check }) => check === "filter")?.detail).toContain("in mode aggressive")

    local("ignoreip = 127.0.0.1/8 fe80::1%em0\n")
    const refusal = (await host.findings()).find(({ check }) => check === "fail2ban")
    expect(refusal?.detail).toMatch(/^fail2ban refuses its configuration: '%' must be followed by .*em0/)
    expect(refusal).toMatchObject({
      verdict: "failed",
      remedy: expect.stringContaining("an address may not have a zone here")
    })
  })

  it("warns of a format that the shipped filter doesn't read", async () => {
    const host = new PreparedHost()
    expect(await host.complaints({ format: "json" })).toEqual([
      "warning jail format: the log's format is json, which the filter shipped for fail2ban does not read"
    ])
  })
})

describe("the check of bans", () => {
  const quiet = 'anchor "f2b/*" all\nblock drop in log on vtnet0 all'

  it("finds hosts that fail2ban holds for banned and pf's table lacks", async () => {
    const host = new PreparedHost()
    host.pfRules(quiet, ["203.0.113.9"])
    expect(await host.complaints()).toEqual([
      "failed bans: pf does not block 1 host that fail2ban has banned, because its table f2b-pfasciilogd lacks it: 2001:db8:bad::1"
    ])
    const finding = (await host.findings()).find(({ check }) => check === "bans")
    expect(finding?.remedy).toBe("fail2ban-client reload --restart pfasciilogd")
  })

  it("finds hosts in the table that fail2ban has forgotten, and counts two forms of an address as one", async () => {
    const host = new PreparedHost()
    host.pfRules(quiet, ["203.0.113.9", "2001:0db8:bad:0::1", "203.0.113.99"])
    expect(await host.complaints()).toEqual([
      "warning bans: pf's table f2b-pfasciilogd has 1 host that fail2ban has not banned, and so will never unban: 203.0.113.99"
    ])
    const finding = (await host.findings()).find(({ check }) => check === "bans")
    expect(finding?.remedy).toBe("pfctl -a f2b/pfasciilogd -t f2b-pfasciilogd -T delete 203.0.113.99")
  })

  it("takes a table that doesn't exist for an empty one", async () => {
    const host = new PreparedHost()
    const answers = path.join(host.root, "bin/pfctl")
    const script = fs
      .readFileSync(answers, "utf8")
      .replace(/"-a f2b.*?;;/s, "*show) echo 'pfctl: Table does not exist.' >&2; exit 255 ;;")
    fs.writeFileSync(answers, script)
    expect(await host.complaints()).toEqual([
      "failed bans: pf does not block 2 hosts that fail2ban has banned, because its table f2b-pfasciilogd lacks them: 203.0.113.9, 2001:db8:bad::1"
    ])
  })

  it("doesn't take a ban that comes between the two questions for a difference", async () => {
    const host = new PreparedHost()
    host.pfRules(quiet, [])
    const client = fs.readFileSync(path.join(host.root, "bin/fail2ban-client"), "utf8")
    const once = `[ "$3" = banip ] && [ -e ${host.root}/asked ] && exit 0; [ "$3" = banip ] && touch ${host.root}/asked\n`
    fs.writeFileSync(path.join(host.root, "bin/fail2ban-client"), client.replace("\n", `\n${once}`))
    expect(await host.complaints()).toEqual([])
  })

  it("finds a jail whose action isn't one of pf", async () => {
    const host = new PreparedHost()
    const client = path.join(host.root, "bin/fail2ban-client")
    fs.writeFileSync(client, fs.readFileSync(client, "utf8").replace("pfctl -a f2b/pfasciilogd -t", "iptables -t"), {
      mode: 0o755
    })
    expect(await host.complaints()).toEqual([
      "warning bans: no action of the jail pfasciilogd puts bans into pf: nobody gets blocked"
    ])
  })

  it("tells a server that doesn't run, one without the jail, and one that we may not ask", async () => {
    const host = new PreparedHost()
    const client = fs.readFileSync(path.join(host.root, "bin/fail2ban-client"), "utf8")
    const answering = async (words: string) => {
      const refusing = `[ "$1" = get ] && { echo "${words}" >&2; exit 255; }\n`
      fs.writeFileSync(path.join(host.root, "bin/fail2ban-client"), client.replace("\n", `\n${refusing}`))
      return host.complaints()
    }
    expect(await answering("ERROR Failed to access socket path: /x. Is fail2ban running?")).toEqual([
      "warning fail2ban server: fail2ban's server is not running: nobody gets banned"
    ])
    expect(await answering("Sorry but the jail 'pfasciilogd' does not exist")).toEqual([
      "warning fail2ban server: fail2ban's server is running without the jail pfasciilogd: nobody gets banned"
    ])
    expect(await answering("ERROR Permission denied to socket: /x, (you must be root)")).toEqual([
      "skipped fail2ban server: only root may ask fail2ban's server"
    ])
  })
})
