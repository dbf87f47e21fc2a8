import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { isTooWide, parseAddress, parseNetwork } from "../../../src/host/neverban/Network.ts"
import { address, freebsdHost, PreparedNeverBanHost } from "../../support/NeverBanHost.ts"

describe("gatherNeverBan", () => {
  it("names each address of a FreeBSD host with every role once, with all its reasons", async () => {
    const host = freebsdHost()
    host.environment = { SSH_CONNECTION: "203.0.113.7 51234 198.51.100.10 22" }
    expect(await host.rows(["192.0.2.0/24", "198.51.100.1"])).toEqual([
      "198.51.100.10: own address (vtnet0)",
      "2001:db8:1:2::10: own address (vtnet0)",
      "2001:db8:1:2::/64: own prefix (vtnet0)",
      "fe80::5054:ff:fe12:3456: own address (vtnet0)",
      "127.0.0.1: own address (lo0)",
      "::1: own address (lo0)",
      "fe80::1: own address (lo0)",
      "198.51.100.1: default router (route, netstat); resolver (/var/unbound/forward.conf); configured (guard.never)",
      "fe80::5054:ff:feab:1: default router (route, netstat)",
      "203.0.113.53: resolver (/var/unbound/forward.conf)",
      "2001:db8:53::53: resolver (/var/unbound/forward.conf)",
      "203.0.113.123: time server (ntpq)",
      "2001:db8:123::1234: time server (ntpq)",
      "198.51.100.3: DHCP server (/var/db/dhclient.leases.vtnet0)",
      "203.0.113.7: SSH session (sockstat, SSH_CONNECTION)",
      "2001:db8:77::7: SSH session (sockstat)",
      "192.0.2.0/24: configured (guard.never)"
    ])
  })

  it("reads what OpenBSD tells", async () => {
    const host = new PreparedNeverBanHost()
    host.platform = "openbsd"
    host.interfaces = { vio0: [address("198.51.100.10/24")], lo0: [address("127.0.0.1/8", true)] }
    host.answer("route", {
      "-n get default": `   route to: 0.0.0.0
destination: 0.0.0.0
       mask: 0.0.0.0
    gateway: 198.51.100.1
  interface: vio0
 if address: 198.51.100.10
   priority: 8 (static)
      flags: <UP,GATEWAY,DONE,STATIC>
     use       mtu    expire
     123         0         0 `
    })
    host.file(
      "/etc/resolv.conf",
      "nameserver 127.0.0.1 # resolvd: unwind\n#nameserver 192.0.2.9 # resolvd: vio0\nnameserver [203.0.113.55]:5353\n"
    )
    host.file(
      "/etc/unwind.conf",
      'fwd1=203.0.113.53\nforwarder { $fwd1 203.0.113.54 port 853 authentication name "dns.example.net" DoT }\n# forwarder 192.0.2.9\npreference { DoT forwarder }\n'
    )
    host.answer("unwindctl", {
      "status autoconf":
        "autoconfiguration forwarders:\n  DHCP[vio0]: 198.51.100.53 198.51.100.54\n SLAAC[vio0]: 2001:db8::53"
    })
    host.answer("ntpctl", {
      "-s peers": `peer
   wt tl st  next  poll          offset       delay      jitter
203.0.113.123 from pool pool.ntp.org
 *  1 10  2   28s   31s        -0.110ms     3.370ms     0.150ms
2001:db8:123::1 time.example.net
    1 10  1    1s   30s         0.209ms    11.209ms     0.090ms`
    })
    host.file(
      "/etc/ntpd.conf",
      'servers pool.ntp.org\nserver 203.0.113.124 weight 2\nsensor *\nconstraints from "192.0.2.9"\n'
    )
    host.answer("dhcpleasectl", {
      "-l vio0":
        "vio0 [Bound]:\n\tserver: 198.51.100.2\n\t    IP: 198.51.100.10/255.255.255.0\n\trouter: 198.51.100.1\n\t lease: 11h"
    })
    host.answer("fstat", {
      "-n": `USER     CMD          PID   FD  DEV      INUM        MODE   R/W    SZ|DV
root     sshd       51234   text 4,4     1274      100755    r    1064
root     sshd       51234    3* internet stream tcp 0x0 *:22
root     sshd       51234    4* internet6 stream tcp 0x0 *:22
root     sshd-sessi 61234    4* internet stream tcp 0x0 198.51.100.10:22 <-- 203.0.113.7:51234
alice    sshd-sessi 61235    4* internet stream tcp 0x0 198.51.100.10:22 <-- 203.0.113.7:51234
alice    sshd-sessi 61235    9* internet stream tcp 0x0 198.51.100.10:41234 --> 203.0.113.80:443
root     sshd-sessi 61300    4* internet6 stream tcp 0x0 [2001:db8:1:2::10]:22 <-- [2001:db8:77::7]:40022
root     sshd-sessi 61400    4* internet stream tcp 0x0 198.51.100.10:22 <-- 192.0.2.250:60000
_sshd    sshd-auth  61401    4* internet stream tcp 0x0 198.51.100.10:22 <-- 192.0.2.250:60000
alice    ssh        61500    3* internet stream tcp 0x0 198.51.100.10:50022 --> 203.0.113.22:22`
    })
    expect(await host.rows()).toEqual([
      "198.51.100.10: own address (vio0)",
      "127.0.0.1: own address (lo0)",
      "198.51.100.1: default router (route)",
      "203.0.113.55: resolver (/etc/resolv.conf)",
      "203.0.113.53: resolver (/etc/unwind.conf)",
      "203.0.113.54: resolver (/etc/unwind.conf)",
      "198.51.100.53: resolver (unwindctl)",
      "198.51.100.54: resolver (unwindctl)",
      "2001:db8::53: resolver (unwindctl)",
      "203.0.113.123: time server (ntpctl)",
      "2001:db8:123::1: time server (ntpctl)",
      "203.0.113.124: time server (/etc/ntpd.conf)",
      "198.51.100.2: DHCP server (dhcpleasectl)",
      "203.0.113.7: SSH session (fstat)",
      "2001:db8:77::7: SSH session (fstat)"
    ])
  })

  it("reads what Linux tells", async () => {
    const host = new PreparedNeverBanHost()
    host.platform = "linux"
    host.interfaces = { eth0: [address("198.51.100.10/24")] }
    host.answer("ip", {
      "route show default":
        "default proto static metric 100 \n\tnexthop via 198.51.100.1 dev eth0 weight 1 \n\tnexthop via 198.51.100.254 dev eth0 weight 1 \ndefault dev wg0 scope link metric 200",
      "-6 route show default": "default via fe80::1 dev eth0 proto ra metric 100 expires 1790sec pref medium"
    })
    host.file("/etc/resolv.conf", "nameserver 127.0.0.53\n")
    host.file("/run/systemd/resolve/resolv.conf", "nameserver 203.0.113.53\nnameserver fe80::1%2\n")
    host.file(
      "/etc/dnsmasq.conf",
      "#server=192.0.2.9\nserver=203.0.113.54#5353\nserver=/example.net/203.0.113.55@eth0\nserver=/local/\n"
    )
    host.file(
      "/etc/bind/named.conf.options",
      "options {\n\tforwarders {\n\t\t203.0.113.56;\n\t\t// 192.0.2.9;\n\t\t203.0.113.57 port 5353;\n\t};\n};\n"
    )
    host.answer("chronyc", {
      "-n sources": `MS Name/IP address         Stratum Poll Reach LastRx Last sample               
===============================================================================
^* 203.0.113.123                 2   6   377    23  -1234us[-2345us] +/-   12ms
^+ 2001:db8:123:4567:89ab:cdef>   2   6   377    24   +567us[ +567us] +/-   15ms
#? GPS0                          0   4     0     -     +0ns[   +0ns] +/-    0ns`,
      "-n -c sources":
        "^,*,203.0.113.123,2,6,377,23,-0.001,-0.002,0.012\n^,+,2001:db8:123:4567:89ab:cdef:1:2,2,6,377,24,0.000,0.000,0.015"
    })
    host.answer("timedatectl", {
      "show-timesync": "SystemNTPServers=192.0.2.9\nServerName=ntp.example.net\nServerAddress=203.0.113.124"
    })
    host.file(
      "/run/systemd/netif/leases/2",
      "# This is private data. Do not parse.\nADDRESS=198.51.100.10\nSERVER_ADDRESS=198.51.100.2\nROUTER=198.51.100.1\n"
    )
    host.answer("nmcli", {
      "-t -f DHCP4 device show":
        "DHCP4.OPTION[1]:dhcp_lease_time = 3600\nDHCP4.OPTION[2]:dhcp_server_identifier = 198.51.100.4"
    })
    host.answer("ss", {
      "-Hatnp": `LISTEN 0      128          0.0.0.0:2222        0.0.0.0:*     users:(("sshd",pid=900,fd=3))
ESTAB  0      0      198.51.100.10:2222    203.0.113.7:51234 users:(("sshd",pid=4713,fd=4),("sshd",pid=4711,fd=4))
ESTAB  0      0      [::ffff:198.51.100.10]:2222 [::ffff:203.0.113.8]:51234 users:(("sshd",pid=4715,fd=4))
ESTAB  0      0      198.51.100.10%eth0:2222    192.0.2.250:60000 users:(("sshd",pid=4731,fd=4),("sshd",pid=4730,fd=4))
ESTAB  0      0      198.51.100.10:22      203.0.113.9:51234 users:(("other",pid=77,fd=4))
ESTAB  0      0      198.51.100.10:50022   203.0.113.22:22    users:(("ssh",pid=4800,fd=3))
TIME-WAIT 0   0      198.51.100.10:2222    192.0.2.78:1234   `
    })
    host.file("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nsshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n")
    host.file("/proc/4731/status", "Name:\tsshd\nUid:\t105\t105\t105\t105\n")
    host.file("/proc/4730/status", "Name:\tsshd\nUid:\t0\t0\t0\t0\n")
    expect(await host.rows()).toEqual([
      "198.51.100.10: own address (eth0)",
      "198.51.100.1: default router (ip)",
      "198.51.100.254: default router (ip)",
      "fe80::1: default router (ip); resolver (/run/systemd/resolve/resolv.conf)",
      "203.0.113.53: resolver (/run/systemd/resolve/resolv.conf)",
      "203.0.113.54: resolver (/etc/dnsmasq.conf)",
      "203.0.113.55: resolver (/etc/dnsmasq.conf)",
      "203.0.113.56: resolver (/etc/bind/named.conf.options)",
      "203.0.113.57: resolver (/etc/bind/named.conf.options)",
      "203.0.113.123: time server (chronyc)",
      "2001:db8:123:4567:89ab:cdef:1:2: time server (chronyc)",
      "203.0.113.124: time server (timedatectl)",
      "198.51.100.2: DHCP server (/run/systemd/netif/leases/2)",
      "198.51.100.4: DHCP server (nmcli)",
      "203.0.113.7: SSH session (ss)",
      "203.0.113.8: SSH session (ss)"
    ])
  })

  it("passes over a source that is missing, fails, hangs, floods or is no plain file", async () => {
    const host = new PreparedNeverBanHost()
    host.interfaces = { em0: [address("198.51.100.10/24")] }
    host.program("route", "exec sleep 60")
    host.program("ntpq", "exec yes")
    host.program("sockstat", "echo 'root sshd 1 3 tcp4 198.51.100.10:22 203.0.113.7:1'; exit 1")
    host.file("/etc/unbound/x", "")
    execFileSync("mkfifo", [path.join(host.root, "/etc/resolv.conf")])
    fs.symlinkSync("/dev/zero", path.join(host.root, "/etc/unwind.conf"))
    const started = Date.now()
    expect(await host.rows()).toEqual(["198.51.100.10: own address (em0)"])
    expect(Date.now() - started).toBeLessThan(15_000)
  })

  it("takes nothing for an address that is none, and none that no neighbour can have", async () => {
    const host = new PreparedNeverBanHost()
    host.file(
      "/etc/resolv.conf",
      [
        ...[
          "0.0.0.0",
          "255.255.255.255",
          "224.0.0.251",
          "240.0.0.1",
          "127.0.0.53",
          "::",
          "::1",
          "ff02::fb",
          "0.0.0.0/0"
        ],
        ...[
          "1",
          "0x7f.1",
          "010.0.0.1",
          "192.0.2.300",
          "dns.example.net",
          "%(known/ignoreip)s",
          "203.0.113.1;x",
          "fe80::1%"
        ],
        ...["203.0.113.1\u00a0", "::ffff:203.0.113.9"]
      ]
        .map((value) => `nameserver ${value}\n`)
        .join("")
    )
    expect(await host.rows()).toEqual(["203.0.113.9: resolver (/etc/resolv.conf)"])
  })
})

describe("the never-ban list", () => {
  it("tells the rows that cover an address, the narrowest first", async () => {
    const host = freebsdHost()
    const list = await host.list(["2001:db8::/32", "192.0.2.0/24"])
    const covering = (text: string) => {
      const network = parseAddress(text)
      return network === undefined ? "no address" : list.covering(network).map((entry) => entry.network.text)
    }
    expect(covering("2001:0db8:0001:0002:0::10")).toEqual(["2001:db8:1:2::10", "2001:db8:1:2::/64", "2001:db8::/32"])
    expect(covering("2001:db8:1:2::11")).toEqual(["2001:db8:1:2::/64", "2001:db8::/32"])
    expect(covering("::ffff:192.0.2.255")).toEqual(["192.0.2.0/24"])
    expect(covering("192.0.3.0")).toEqual([])
    expect(covering("fe80::5054:ff:feab:1%em7")).toEqual(["fe80::5054:ff:feab:1"])
    for (const entry of list.entries) expect(list.covering(entry.network)[0]).toBe(entry)
  })
})

describe("a network", () => {
  it.each([
    ["0.0.0.0/0", true],
    ["10.0.0.0/7", true],
    ["10.0.0.0/8", false],
    ["::/0", true],
    ["2000::/3", true],
    ["2001:db8::/15", true],
    ["2001:db8::/16", false],
    ["fc00::/6", true],
    ["fc00::/7", false],
    ["fd00::/8", false],
    ["fe80::/9", true],
    ["fe80::/10", false],
    ["::ffff:10.0.0.0/103", true]
  ])("%s is too wide: %s", (text, expected) => {
    const network = parseNetwork(text)
    expect(network !== undefined && isTooWide(network)).toBe(expected)
  })
})

describe("the own prefix", () => {
  it.each([
    ["2001:db8:1:2::10/64", ["2001:db8:1:2::/64"]],
    // A hoster's mask that lets a host reach a router outside its own /64.
    ["2001:db8:1:2::10/48", ["2001:db8:1:2::/64"]],
    ["2001:db8:1:2::10/124", ["2001:db8:1:2::10/124"]],
    ["2001:db8:1:2::10/128", []],
    ["fd00:1:2:3::10/64", ["fd00:1:2:3::/64"]],
    ["fe80::10/64", []],
    ["::1/128", []],
    ["198.51.100.10/24", []]
  ])("of %s is %j", async (cidr, prefixes) => {
    const host = new PreparedNeverBanHost()
    host.interfaces = { em0: [address(cidr)] }
    const rows = (await host.list()).entries.filter(({ reasons }) => reasons.some(({ role }) => role === "own prefix"))
    expect(rows.map(({ network }) => network.text)).toEqual(prefixes)
  })
})
